import { expect, test } from '@jest/globals';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';
import type { FixtureTemplate } from './fixtures/template.ts';
import { httpApi, webSocketApi } from './fixtures/v2-template.ts';

type Change = (resources: FixtureTemplate['Resources']) => void;
const start = (change: Change = () => {}): Promise<LocalStack> =>
  startFixture({
    change: ({ Resources }) => {
      Object.assign(Resources, httpApi(), webSocketApi());
      change(Resources);
    },
  });
const properties = (resources: FixtureTemplate['Resources'], logicalId: string) =>
  resources[logicalId]?.Properties ?? {};

test('a template without these APIs opens neither port, and stack.json names neither', async () => {
  const stack = await startFixture();
  try {
    expect(stack.urls).not.toHaveProperty('http');
    expect(stack.urls).not.toHaveProperty('websocket');
    await expect(fetch(`http://127.0.0.1:${stack.ports.http.port}/`)).rejects.toThrow();
    await expect(fetch(`http://127.0.0.1:${stack.ports.websocket.port}/`)).rejects.toThrow();
  } finally {
    await stack.stop();
  }
});

test('a route that is removed is gone, and the others stay', async () => {
  const stack = await start((resources) => void delete resources['PolicyRoute']);
  try {
    const headers = { 'x-answer': 'allow' };
    expect((await fetch(`${stack.urls.http}/policy`, { headers })).status).toBe(404);
    expect(
      (await fetch(`${stack.urls.http}/cached-policy`, { headers: { ...headers, 'x-key': '1' } })).status,
    ).toBe(200);
  } finally {
    await stack.stop();
  }
});

test('an authorizer that is removed from its route guards it no more', async () => {
  const stack = await start((resources) => {
    const { AuthorizerId: _, ...others } = properties(resources, 'PolicyRoute');
    resources['PolicyRoute'] = {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: { ...others, AuthorizationType: 'NONE' },
    };
  });
  try {
    expect((await fetch(`${stack.urls.http}/policy`)).status).toBe(200);
    expect((await fetch(`${stack.urls.http}/simple/contact`)).status).toBe(500);
  } finally {
    await stack.stop();
  }
});

test('without a $default stage only paths below a stage are served', async () => {
  const stack = await start((resources) => void delete resources['HttpDefault']);
  try {
    expect((await fetch(`${stack.urls.http}/open`)).status).toBe(404);
    expect((await fetch(`${stack.urls.http}/dev/open`)).status).toBe(200);
  } finally {
    await stack.stop();
  }
});

test('the API’s own CORS rules answer preflights and replace what functions say', async () => {
  const origin = 'https://app.example.com';
  const stack = await start((resources) =>
    Object.assign(properties(resources, 'Http'), {
      CorsConfiguration: {
        AllowOrigins: [origin],
        AllowMethods: ['GET'],
        AllowHeaders: ['x-api-key'],
        AllowCredentials: true,
        MaxAge: 60,
      },
    }),
  );
  try {
    const preflight = { origin, 'access-control-request-method': 'GET' };
    const answered = await fetch(`${stack.urls.http}/policy`, { method: 'OPTIONS', headers: preflight });
    expect(answered.status).toBe(204);
    expect(Object.fromEntries(answered.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET',
      'access-control-allow-headers': 'x-api-key',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
    });
    const refused = await fetch(`${stack.urls.http}/policy`, { headers: { origin } });
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin);
    const own = await fetch(`${stack.urls.http}/open`, {
      headers: { origin: 'https://attacker.example', 'x-endpoint': 'cors' },
    });
    expect(own.headers.get('access-control-allow-origin')).toBeNull();
  } finally {
    await stack.stop();
  }
});

test.each<[string, string, unknown, RegExp]>([
  ['PolicyRoute', 'AuthorizerId', 'gone', /PolicyRoute: its authorizer gone is not in the template/],
  ['PolicyRoute', 'AuthorizationType', 'JWT', /knows NONE and CUSTOM only/],
  ['PolicyRoute', 'Target', 'integrations/gone', /PolicyRoute: its integration gone is not in the template/],
  ['PolicyRoute', 'RouteKey', 'policy', /policy is no route key of an HTTP API/],
  ['PolicyRoute', 'ApiKeyRequired', true, /no usage plans/],
  ['Second', 'IntegrationType', 'HTTP_PROXY', /Lambda proxy integrations only/],
  ['Second', 'PayloadFormatVersion', undefined, /must state its payload format version/],
  ['Policy', 'AuthorizerType', 'JWT', /REQUEST authorizers only/],
  ['Policy', 'AuthorizerResultTtlInSeconds', undefined, /must state its AuthorizerResultTtlInSeconds/],
  ['Policy', 'AuthorizerResultTtlInSeconds', 300, /a cache and no identity source/],
  ['PolicyFirst', 'EnableSimpleResponses', true, /simple responses in payload format 2\.0 only/],
  ['Http', 'Body', {}, /not OpenAPI documents/],
  ['Ask', 'AuthorizationType', 'CUSTOM', /Ask: its authorizer undefined is not in the template/],
  ['SocketAuthorizer', 'AuthorizerResultTtlInSeconds', 60, /caches no results for a WebSocket API/],
  ['Socket', 'RouteSelectionExpression', '$request.header.x', /selects routes by \$request\.body/],
])('%s with %s %j is refused, not served half', async (logicalId, name, value, message) => {
  const started = start(
    (resources) => void Object.assign(properties(resources, logicalId), { [name]: value }),
  );
  await expect(started).rejects.toThrow(message);
});
