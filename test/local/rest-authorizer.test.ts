import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalStack } from '../../local/stack.ts';
import { authorizerEventOf, echoOf } from './fixtures/echo.ts';
import { rawRequest } from './fixtures/raw-request.ts';
import { startFixture } from './fixtures/stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startFixture({
    change: ({ Resources }) => {
      // A second API surface of the fixture: a cached authorizer, and one for tokens.
      Resources['Cached'] = {
        Type: 'AWS::ApiGateway::Authorizer',
        Properties: {
          ...Resources['Authorizer']?.Properties,
          IdentitySource: 'method.request.header.X-Answer, method.request.header.X-Key',
          AuthorizerResultTtlInSeconds: 60,
        },
      };
      Resources['SpecialPost'] = {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          ...Resources['SpecialGet']?.Properties,
          HttpMethod: 'POST',
          AuthorizerId: { Ref: 'Cached' },
        },
      };
      Resources['Token'] = {
        Type: 'AWS::ApiGateway::Authorizer',
        Properties: {
          ...Resources['Authorizer']?.Properties,
          Type: 'TOKEN',
          IdentitySource: 'method.request.header.Authorization',
          IdentityValidationExpression: '[a-z-]+',
        },
      };
      Resources['SpecialPut'] = {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          ...Resources['SpecialGet']?.Properties,
          HttpMethod: 'PUT',
          AuthorizerId: { Ref: 'Token' },
        },
      };
    },
  });
});
afterAll(() => stack.stop());

const call = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(`${stack.urls.rest}${path}`, { headers, ...init });

describe('the authorizer is told what AWS would tell it', () => {
  test('the ARN, the resource and the parameters of the request', async () => {
    const event = await authorizerEventOf(
      await call('/records/con%74act?a=1&a=2&b=x%20y', { 'x-answer': 'allow' }),
    );
    expect(event).toMatchObject({
      type: 'REQUEST',
      httpMethod: 'GET',
      path: '/records/con%74act',
      resource: '/records/{entity}',
      pathParameters: { entity: 'con%74act' },
      queryStringParameters: { a: '2', b: 'x y' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: ['x y'] },
    });
    expect(event['methodArn']).toMatch(
      /^arn:aws:execute-api:us-east-1:000000000000:[0-9a-z]{10}\/dev\/GET\/records\/con%74act$/,
    );
    expect(event['requestContext']).toMatchObject({
      identity: { sourceIp: '127.0.0.1' },
      resourcePath: '/records/{entity}',
      stage: 'dev',
    });
  });

  test('header names in the case the client wrote, repeated headers kept, the last value in the single map', async () => {
    const headers = ['x-answer', 'allow', 'CooKie', 'a=1', 'cookie', 'b=2'];
    const { body } = await rawRequest(`${stack.urls.rest}/records/contact`, headers);
    const event = await authorizerEventOf(new Response(body));
    expect(event['multiValueHeaders']).toMatchObject({ CooKie: ['a=1', 'b=2'] });
    expect(event['headers']).toMatchObject({ CooKie: 'b=2' });
  });

  test('an address of its own making stays in front of the one the gateway saw', async () => {
    const event = await authorizerEventOf(
      await call('/records/contact', { 'x-answer': 'allow', 'x-forwarded-for': '10.0.0.1' }),
    );
    expect(event['headers']).toMatchObject({ 'X-Forwarded-For': '10.0.0.1, 127.0.0.1' });
  });

  test('a TOKEN authorizer gets the one header, and only if it looks as it should', async () => {
    const put = (authorization: string) => call('/records/special', { authorization }, { method: 'PUT' });
    const allowed = await put('allow');
    expect(allowed.status).toBe(200);
    expect(await authorizerEventOf(allowed)).toEqual({
      type: 'TOKEN',
      authorizationToken: 'allow',
      methodArn: expect.stringMatching(/\/PUT\/records\/special$/),
    });
    expect((await put('allow 1')).status).toBe(401);
  });
});

describe('the answer of the authorizer decides', () => {
  test('allow: the endpoint gets its context as text', async () => {
    const response = await call('/records/contact', { 'x-answer': 'allow' });
    expect(response.status).toBe(200);
    const { requestContext } = await echoOf(response);
    expect(requestContext.authorizer).toMatchObject({ principalId: 'user:1', admin: 'true' });
  });

  test('a policy that does not name this method refuses it', async () => {
    expect((await call('/records/contact', { 'x-answer': 'allow-other' })).status).toBe(403);
  });

  test('deny: 403 in the shape of the template, with variables, and without headers that have no value', async () => {
    const response = await call('/records/contact', { 'x-answer': 'deny', origin: 'https://a.example' });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ error: 'forbidden', reason: 'scope_insufficient', absent: '' });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(response.headers.get('x-asked-from')).toBe('https://a.example');
    expect(response.headers.has('x-absent')).toBe(false);
  });

  test('the error message "Unauthorized" and no other: 401', async () => {
    const response = await call('/records/contact');
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="crm"');
    const requestId = response.headers.get('x-amzn-requestid');
    expect(await response.json()).toEqual({ error: 'unauthorized', requestId });
  });

  test.each(['fault', 'object', 'no-policy'])('%s: a fault, never a refusal', async (answer) => {
    const response = await call('/records/contact', { 'x-answer': answer });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: 'unavailable' });
  });
});

describe('the result cache', () => {
  const post = (headers: Record<string, string>) => call('/records/special', headers, { method: 'POST' });
  const asked = async (response: Response): Promise<unknown> =>
    (await echoOf(response)).requestContext.authorizer?.['asked'];

  test('asks once for the same identity sources and again for others', async () => {
    const first = await asked(await post({ 'x-answer': 'allow', 'x-key': 'one' }));
    expect(await asked(await post({ 'x-answer': 'allow', 'x-key': 'one' }))).toBe(first);
    expect(await asked(await post({ 'x-answer': 'allow', 'x-key': 'two' }))).not.toBe(first);
  });

  test('a missing identity source is 401, whatever the authorizer would say', async () => {
    expect((await post({ 'x-answer': 'allow' })).status).toBe(401);
  });

  test('never keeps an error', async () => {
    expect((await post({ 'x-answer': 'nobody', 'x-key': 'one' })).status).toBe(401);
    expect((await post({ 'x-answer': 'nobody', 'x-key': 'one' })).status).toBe(401);
  });
});
