import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';
import { httpApi } from './fixtures/v2-template.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startFixture({ change: ({ Resources }) => void Object.assign(Resources, httpApi()) });
});
afterAll(() => stack.stop());

const call = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(`${stack.urls.http}${path}`, { headers, ...init });

describe('an endpoint of payload format 2.0', () => {
  test('gets the request, and no authorizer where the route has none', async () => {
    const sent = { 'content-type': 'application/json', cookie: 'a=1; b=2' };
    const event = await (await call('/open?a=1', sent, { method: 'PATCH', body: '{"a":1}' })).json();
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /open',
      cookies: ['a=1', 'b=2'],
      body: '{"a":1}',
      isBase64Encoded: false,
      requestContext: { http: { method: 'PATCH' } },
    });
    expect(event).not.toHaveProperty('requestContext.authorizer');
    expect(event).not.toHaveProperty('pathParameters');
  });

  test('gets bytes in base64', async () => {
    const sent = await call(
      '/open',
      { 'content-type': 'image/png' },
      { method: 'POST', body: Buffer.from([255]) },
    );
    expect(await sent.json()).toMatchObject({ body: '/w==', isBase64Encoded: true });
  });

  test('gets what is behind a greedy parameter', async () => {
    const event = await (await call('/proxy/sign-in/email')).json();
    expect(event).toMatchObject({ pathParameters: { proxy: 'sign-in/email' } });
  });

  test('sets each of its cookies, and headers under their own names', async () => {
    const response = await call('/open', { 'x-endpoint': 'cookies-2' });
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('www-authenticate')).toBe('Basic');
    expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
  });

  test.each([
    ['malformed', '{"status":200}'],
    ['text', 'just text'],
  ])('without a status code its answer is the body: %s', async (what, body) => {
    const response = await call('/open', { 'x-endpoint': what });
    expect([response.status, await response.text()]).toEqual([200, body]);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  test('answers with bytes, whatever the client accepts', async () => {
    const response = await call('/open', { 'x-endpoint': 'binary' });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 1, 2]);
  });
});

describe('an endpoint of payload format 1.0', () => {
  test('gets headers as they were sent, cookies among them', async () => {
    const event = await (await call('/open-1?a=1&a=2', { cookie: 'a=1; b=2' })).json();
    expect(event).toMatchObject({
      version: '1.0',
      resource: '/open-1',
      httpMethod: 'GET',
      headers: { cookie: 'a=1; b=2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      pathParameters: null,
      body: null,
    });
    expect(event).not.toHaveProperty('cookies');
  });

  test('answers with several values of a header', async () => {
    const response = await call('/open-1', { 'x-endpoint': 'cookies' });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-both')).toBe('first, second');
  });

  test('must answer with a status code', async () => {
    expect((await call('/open-1', { 'x-endpoint': 'malformed' })).status).toBe(500);
  });
});

test.each(['header-injection', 'throw', 'exit'])('%s: a 500 of the gateway', async (what) => {
  const response = await call('/open', { 'x-endpoint': what });
  expect([response.status, await response.json()]).toEqual([500, { message: 'Internal Server Error' }]);
  expect(response.headers.get('set-cookie')).toBeNull();
});

test.each(['/nowhere', '/open/', '/simple', '/prod/open', '/'])('%s: no route, 404', async (path) => {
  const response = await call(path);
  expect([response.status, await response.json()]).toEqual([404, { message: 'Not Found' }]);
});

test('a body over 10 MB is refused with 413', async () => {
  const response = await call('/open', {}, { method: 'POST', body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  expect(response.status).toBe(413);
});
