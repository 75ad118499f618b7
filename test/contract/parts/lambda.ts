import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import { credentials } from '../harness/secrets.ts';
import type { World } from '../harness/world.ts';

const api = 'arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod';

/** The authorizer as API Gateway calls it, through the Lambda Invoke API of stack.json. */
export function lambdaTests(world: () => World): void {
  let client: LambdaClient;
  beforeAll(() => {
    const { lambda: endpoint, region } = world().stack.urls;
    client = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 });
  });
  afterAll(() => client.destroy());

  const invoke = async (event: unknown) => {
    const FunctionName = world().stack.urls.functions['restAuthorizer'];
    const { Payload, FunctionError } = await client.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const payload: unknown = JSON.parse(Payload?.transformToString() ?? 'null');
    return { payload, error: FunctionError };
  };
  const event = (headers: Readonly<Record<string, string>>, more: object = {}) => ({
    type: 'REQUEST',
    methodArn: `${api}/GET/v1/whoami`,
    resource: '/v1/whoami',
    path: '/v1/whoami',
    httpMethod: 'GET',
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: {},
    pathParameters: {},
    stageVariables: {},
    requestContext: {
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      stage: 'prod',
      identity: { sourceIp: '192.0.2.1' },
    },
    ...more,
  });
  const key = () => ({ 'x-api-key': world().keys.alice.key });
  const resources = (payload: unknown): readonly string[] =>
    Object(member(member(payload, 'policyDocument'), 'Statement')).flatMap((each: unknown) =>
      member(each, 'Resource'),
    );

  describe('allow', () => {
    test('is a principal, a policy for this API and stage, and a flat context of scalars', async () => {
      const { alice, acme } = world();
      const { payload, error } = await invoke(event(key()));
      expect(error).toBeUndefined();
      expect(Object.keys(Object(payload)).toSorted()).toEqual(['context', 'policyDocument', 'principalId']);
      expect(member(payload, 'principalId')).toBe(`user:${alice.id}`);
      expect(member(payload, 'context')).toEqual({
        organizationId: acme.id,
        organizationSlug: acme.slug,
        userId: alice.id,
        role: 'owner',
        credentialKind: 'api_key',
        credentialId: world().keys.alice.id,
        scopes: '*',
      });
      expect(payload).toMatchObject({
        policyDocument: { Version: '2012-10-17', Statement: expect.any(Array) },
      });
      for (const statement of Object(member(member(payload, 'policyDocument'), 'Statement'))) {
        expect(statement).toMatchObject({
          Action: 'execute-api:Invoke',
          Effect: expect.stringMatching(/^(?:Allow|Deny)$/),
        });
      }
      for (const resource of resources(payload)) expect(resource.startsWith(`${api}/`)).toBe(true);
      expect(JSON.stringify(payload)).not.toContain(world().keys.alice.key);
    });

    test('names the routes of this caller, whichever of them was asked for, and no byte of the request', async () => {
      const [asked, other] = await Promise.all([
        invoke(event(key())),
        invoke(
          event(key(), { methodArn: `${api}/GET/v1/records/contact`, resource: '/v1/records/{entity}' }),
        ),
      ]);
      expect(resources(other.payload)).toEqual(resources(asked.payload));
      expect(resources(asked.payload)).toContain(`${api}/GET/v1/whoami`);
      expect(resources(asked.payload).join()).not.toMatch(/actions|installation|token/);
    });

    test('takes a header in any case, and from either of the two header members', async () => {
      const { key: value } = world().keys.alice;
      for (const headers of [
        { headers: { 'X-Api-Key': value }, multiValueHeaders: null },
        { headers: null, multiValueHeaders: { 'X-API-KEY': [value] } },
        { headers: undefined, multiValueHeaders: { Authorization: [`Bearer ${value}`] } },
      ]) {
        expect((await invoke(event({}, headers))).payload).toMatchObject({
          context: { credentialKind: 'api_key' },
        });
      }
    });

    test('decides by the method ARN: behind a base-path mapping the path is another one', async () => {
      const { payload } = await invoke(event(key(), { path: '/base/v1/whoami' }));
      expect(payload).toMatchObject({ context: { credentialKind: 'api_key' } });
    });
  });

  test('forbidden is a Deny for the whole API, with the reason and nothing else that helps', async () => {
    const { payload, error } = await invoke(event({ ...key(), 'x-tenant-id': 'initech' }));
    expect(error).toBeUndefined();
    expect(payload).toEqual({
      principalId: `user:${world().alice.id}`,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Deny', Resource: [`${api}/*`] }],
      },
      context: { reason: 'organization_forbidden' },
    });
  });

  test('unauthenticated is a rejection with the message exactly Unauthorized', async () => {
    for (const headers of [
      {},
      { 'x-api-key': 'x' },
      { Authorization: 'Bearer a.b.c' },
      { Cookie: 'better-auth-session=x' },
    ]) {
      const { payload, error } = await invoke(event(headers));
      expect(error).toBe('Unhandled');
      expect(payload).toMatchObject({ errorMessage: 'Unauthorized', errorType: expect.any(String) });
      expect(JSON.stringify(payload)).not.toContain('a.b.c');
    }
  });

  describe('an event that cannot be read is a fault: any other message, and never an answer', () => {
    const good = () => event(key());
    test.each<[string, (base: object) => unknown]>([
      ['null', () => null],
      ['text', () => 'x'],
      ['a list', () => []],
      ['nothing', () => ({})],
      ['a TOKEN event', (base) => ({ ...base, type: 'TOKEN' })],
      ['no method ARN', (base) => ({ ...base, methodArn: undefined })],
      ['a method ARN that is none', (base) => ({ ...base, methodArn: '*' })],
      [
        'a method ARN of another service',
        (base) => ({ ...base, methodArn: 'arn:aws:s3:::bucket/GET/v1/whoami' }),
      ],
      [
        'a method ARN with a wildcard stage',
        (base) => ({ ...base, methodArn: 'arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/v1/whoami' }),
      ],
      ['another method than its ARN', (base) => ({ ...base, httpMethod: 'POST' })],
      ['headers that are text', (base) => ({ ...base, headers: 'x-api-key: x' })],
      ['headers that are a list', (base) => ({ ...base, headers: [] })],
      ['a header that is an object', (base) => ({ ...base, headers: { 'x-api-key': { a: 1 } } })],
      [
        'a header that is a number',
        (base) => ({ ...base, headers: { 'x-api-key': 1 }, multiValueHeaders: null }),
      ],
      ['header values that are no list', (base) => ({ ...base, multiValueHeaders: { 'x-api-key': 'x' } })],
      ['a header value that is no text', (base) => ({ ...base, multiValueHeaders: { 'x-api-key': [1] } })],
      ['a context that is text', (base) => ({ ...base, requestContext: 'x' })],
    ])('%s', async (_, change) => {
      const { payload, error } = await invoke(change(good()));
      expect(error).toBe('Unhandled');
      expect(member(payload, 'errorMessage')).toEqual(expect.any(String));
      expect(member(payload, 'errorMessage')).not.toBe('Unauthorized');
      expect(JSON.stringify(payload)).not.toContain(world().keys.alice.key);
    });
  });

  test('a route of the policy is asked about by the resource the gateway matched, not by the path alone', async () => {
    const { payload } = await invoke(event(key(), { resource: '/v1/records/{entity}' }));
    expect(payload).toMatchObject({ context: { reason: 'route_unlisted' } });
  });
}
