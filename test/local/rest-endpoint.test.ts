import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalStack } from '../../local/stack.ts';
import { echoOf } from './fixtures/echo.ts';
import { startFixture } from './fixtures/stack.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startFixture();
});
afterAll(() => stack.stop());

const call = (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) =>
  fetch(`${stack.urls.rest}${path}`, { headers, ...init });

describe('the endpoint', () => {
  test('gets no authorizer where the route has none', async () => {
    const event = await echoOf(await call('/open', {}, { method: 'PATCH', body: '{"a":1}' }));
    expect(event).toMatchObject({
      httpMethod: 'PATCH',
      body: '{"a":1}',
      isBase64Encoded: false,
      pathParameters: null,
    });
    expect(event.requestContext.authorizer).toBeUndefined();
  });

  test('answers with several values of a header, and WWW-Authenticate only under another name', async () => {
    const response = await call('/open', { 'x-endpoint': 'cookies' });
    expect(response.status).toBe(201);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-both')).toBe('first, second');
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(response.headers.get('x-amzn-remapped-www-authenticate')).toBe('Basic');
  });

  test('sends bytes only where both sides speak of a binary media type', async () => {
    const bytes = async (accept: string): Promise<readonly number[]> => [
      ...new Uint8Array(await (await call('/open', { 'x-endpoint': 'binary', accept })).arrayBuffer()),
    ];
    expect(await bytes('image/png')).toEqual([0, 1, 2]);
    expect(await bytes('text/plain')).toEqual([...Buffer.from('AAEC')]);
    const sent = await call(
      '/open',
      { 'content-type': 'image/png' },
      { method: 'POST', body: Buffer.from([255]) },
    );
    expect(await sent.json()).toMatchObject({ body: '/w==', isBase64Encoded: true });
  });

  test.each(['malformed', 'header-injection', 'throw', 'exit'])('%s: a 5xx of the gateway', async (what) => {
    const response = await call('/open', { 'x-endpoint': what });
    expect(response.status).toBe(503);
    expect(response.headers.get('set-cookie')).toBeNull();
  });
});

test('what no method serves is a missing token to API Gateway, or a bad signature', async () => {
  const missing = await call('/nowhere');
  expect([missing.status, await missing.json()]).toEqual([403, { message: 'Missing Authentication Token' }]);
  expect((await call('/records/contact', {}, { method: 'DELETE' })).headers.get('x-amzn-errortype')).toBe(
    'MissingAuthenticationTokenException',
  );
  const signed = await call('/nowhere', { authorization: 'Bearer secret' });
  expect(await signed.text()).not.toContain('secret');
});

test('a body over 10 MB is refused with 413', async () => {
  const response = await call('/open', {}, { method: 'POST', body: 'x'.repeat(10 * 1024 * 1024 + 1) });
  expect(response.status).toBe(413);
});

test('a decision that a function writes is kept in decisions.jsonl and found by its request id', async () => {
  const response = await call('/open', { 'x-endpoint': 'decide' });
  const id = response.headers.get('x-amzn-requestid') ?? '';
  expect(await stack.decisions.of(id, 5000)).toMatchObject({ event: 'decision', effect: 'allow' });
  const file = readFileSync(`${stack.template.directory}/decisions.jsonl`, 'utf8');
  expect(file).toContain(id);
});
