import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import type { LocalStack } from '../../local/stack.ts';
import { rawRequest } from './fixtures/raw-request.ts';
import { startFixture } from './fixtures/stack.ts';
import { httpApi } from './fixtures/v2-template.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startFixture({ change: ({ Resources }) => void Object.assign(Resources, httpApi()) });
});
afterAll(() => stack.stop());

const call = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${stack.urls.http}${path}`, { headers });
const refusal = async (response: Response) => [response.status, await response.json()];

const anything = v.record(v.string(), v.unknown());
const Second = v.object({ requestContext: v.object({ authorizer: v.object({ lambda: anything }) }) });
const First = v.object({ requestContext: v.object({ authorizer: anything }) });
/** What the endpoint was told about the caller. */
const contextOf = async (response: Response) =>
  v.parse(Second, await response.json()).requestContext.authorizer.lambda;
/** What the authorizer was asked: it hands that on in its context. */
const questionIn = (context: Record<string, unknown>): Record<string, unknown> =>
  v.parse(anything, JSON.parse(String(context['event'])));

describe('an authorizer of payload format 2.0', () => {
  test('is told the route, the path, the query and where the request comes from', async () => {
    const response = await call('/simple/contact?a=1&b=x%20y&a=2', { 'x-answer': 'yes', 'user-agent': 'me' });
    const question = questionIn(await contextOf(response));
    expect(question).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      identitySource: null,
      routeKey: 'GET /simple/{entity}',
      rawPath: '/simple/contact',
      rawQueryString: 'a=1&b=x%20y&a=2',
      queryStringParameters: { a: '1,2', b: 'x y' },
      pathParameters: { entity: 'contact' },
      stageVariables: { color: 'blue' },
      requestContext: {
        accountId: '000000000000',
        apiId: expect.stringMatching(/^[a-z0-9]{10}$/),
        domainName: new URL(stack.urls.http ?? '').host,
        http: {
          method: 'GET',
          path: '/simple/contact',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'me',
        },
        requestId: response.headers.get('apigw-requestid'),
        routeKey: 'GET /simple/{entity}',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
    });
    expect(question['routeArn']).toMatch(
      /^arn:aws:execute-api:us-east-1:000000000000:[a-z0-9]{10}\/\$default\/GET\/simple\/contact$/,
    );
    expect(question).not.toHaveProperty('cookies');
  });

  test('gets the path decoded, and the ARN as the client wrote it', async () => {
    const question = questionIn(await contextOf(await call('/simple/con%74act', { 'x-answer': 'yes' })));
    expect(question).toMatchObject({ rawPath: '/simple/contact', pathParameters: { entity: 'contact' } });
    expect(question['routeArn']).toMatch(/\/GET\/simple\/con%74act$/);
  });

  test('gets header names in lower case, repeated ones joined, and every cookie as one of a list', async () => {
    const headers = [
      'X-Answer',
      'yes',
      'X-Twice',
      'a',
      'x-twice',
      'b',
      'Cookie',
      'a=1; b=2',
      'cookie',
      'c=3',
    ];
    const { body } = await rawRequest(`${stack.urls.http}/simple/contact`, headers);
    const question = questionIn(await contextOf(new Response(body)));
    expect(question['cookies']).toEqual(['a=1', 'b=2', 'c=3']);
    expect(question['headers']).toMatchObject({ 'x-twice': 'a,b', 'x-forwarded-for': '127.0.0.1' });
    expect(question['headers']).not.toHaveProperty('cookie');
  });

  test('of a named stage sees the stage in the path and in the ARN', async () => {
    const question = questionIn(await contextOf(await call('/dev/simple/contact', { 'x-answer': 'yes' })));
    expect(question).toMatchObject({ rawPath: '/dev/simple/contact', requestContext: { stage: 'dev' } });
    expect(question['routeArn']).toMatch(/\/dev\/GET\/simple\/contact$/);
  });
});

test('an authorizer of payload format 1.0 is told what AWS documents, its identity sources as one text', async () => {
  const response = await call('/policy-1/contact?key=k', { 'x-answer': 'allow' });
  const { authorizer } = v.parse(First, await response.json()).requestContext;
  const question = questionIn(authorizer);
  expect(question).toMatchObject({
    version: '1.0',
    type: 'REQUEST',
    methodArn: expect.stringMatching(/\/\$default\/GET\/policy-1\/contact$/),
    identitySource: 'allow,k',
    authorizationToken: 'allow,k',
    resource: '/policy-1/{entity}',
    path: '/policy-1/contact',
    httpMethod: 'GET',
    queryStringParameters: { key: 'k' },
    pathParameters: { entity: 'contact' },
    requestContext: { identity: { sourceIp: '127.0.0.1' }, resourcePath: '/policy-1/{entity}' },
  });
  expect(question).not.toHaveProperty('multiValueHeaders');
});

describe('the answer of the authorizer decides', () => {
  test('isAuthorized: the endpoint gets its context with the types it has, apart from others in format 2.0', async () => {
    expect(await contextOf(await call('/simple/contact', { 'x-answer': 'yes' }))).toMatchObject({
      admin: true,
    });
  });

  test('the context stands beside the gateway’s own members in format 1.0', async () => {
    const response = await call('/simple-1', { 'x-answer': 'yes' });
    expect(v.parse(First, await response.json()).requestContext.authorizer).toMatchObject({ admin: true });
  });

  test('a policy that allows this route lets it through', async () => {
    expect((await call('/policy', { 'x-answer': 'allow' })).status).toBe(200);
  });

  test.each([
    ['/simple/contact', 'no'],
    ['/policy', 'deny'],
    ['/policy', 'allow-other'],
  ])('%s, %s: 403, and no word of why', async (path, answer) => {
    expect(await refusal(await call(path, { 'x-answer': answer }))).toEqual([403, { message: 'Forbidden' }]);
  });

  test.each([
    ['/simple/contact', 'fault'],
    ['/simple/contact', 'nobody'],
    ['/simple/contact', 'almost'],
    ['/simple/contact', 'allow'],
    ['/policy', 'yes'],
    ['/policy', 'no-policy'],
  ])('%s, %s: a fault, never a refusal', async (path, answer) => {
    expect(await refusal(await call(path, { 'x-answer': answer }))).toEqual([
      500,
      { message: 'Internal Server Error' },
    ]);
  });

  test('a missing or empty identity source is 401, whatever the authorizer would say', async () => {
    for (const path of ['/policy-1/contact', '/policy-1/contact?key=']) {
      expect(await refusal(await call(path, { 'x-answer': 'allow' }))).toEqual([
        401,
        { message: 'Unauthorized' },
      ]);
    }
  });
});

describe('the result cache', () => {
  const asked = async (path: string, headers: Record<string, string>): Promise<unknown> =>
    (await contextOf(await call(path, headers)))['asked'];

  test('asks once for the same identity sources, also on another route, and again for others', async () => {
    const first = await asked('/cached', { 'x-answer': 'yes', 'x-key': '1' });
    expect(await asked('/cached', { 'x-answer': 'yes', 'x-key': '1' })).toBe(first);
    expect(await asked('/cached-other', { 'x-answer': 'yes', 'x-key': '1' })).toBe(first);
    expect(await asked('/cached', { 'x-answer': 'yes', 'x-key': '2' })).not.toBe(first);
  });

  test('asks again for each route where the route key is an identity source', async () => {
    const first = await asked('/by-route', { 'x-answer': 'yes' });
    expect(await asked('/by-route', { 'x-answer': 'yes' })).toBe(first);
    expect(await asked('/by-route-other', { 'x-answer': 'yes' })).not.toBe(first);
  });

  test('judges a kept policy for each route anew', async () => {
    const headers = { 'x-answer': 'allow', 'x-key': '1' };
    expect((await call('/cached-policy', headers)).status).toBe(200);
    expect((await call('/cached-policy-other', headers)).status).toBe(403);
  });

  test('keeps a refusal, and never a fault', async () => {
    const headers = { 'x-answer': 'no', 'x-key': '1' };
    expect([(await call('/cached', headers)).status, (await call('/cached', headers)).status]).toEqual([
      403, 403,
    ]);
    const broken = { 'x-answer': 'fault', 'x-key': '1' };
    expect([(await call('/cached', broken)).status, (await call('/cached', broken)).status]).toEqual([
      500, 500,
    ]);
  });
});
