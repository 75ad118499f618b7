import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import type { Auth } from '../../lambda/identity/auth.ts';
import type { IsLive } from '../../lambda/identity/live-session.ts';
import { identityEndpoint } from '../../lambda/identity/endpoint.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { identitySecret, testIdentity } from '../support/identity.ts';

const issuer = 'http://127.0.0.1:3000';
const config = { issuer, trustedOrigins: [issuer, 'https://app.example.com'] };

let engine: TestEngine;
let auth: Auth;
let isLive: IsLive;
let lines: object[] = [];
beforeAll(async () => {
  engine = await startTestEngine();
  ({ auth, isLive } = await testIdentity(engine, { TRUSTED_ORIGINS: 'https://app.example.com' }));
});
afterAll(() => engine.stop());

const key = { kid: 'now', k: identitySecret, signFrom: 0 };

const endpoint = (ask: () => Promise<Auth> = async () => auth) => {
  lines = [];
  const current = async () => ({ auth: await ask(), key, verification: [key] });
  return identityEndpoint(current, isLive, config, Date.now, (line) => lines.push(line));
};

const signUp = { email: 'somebody@example.com', password: 'correct horse battery', name: 'Somebody' };

function event(path: string, more: object = {}) {
  return {
    httpMethod: 'POST',
    resource: '/api/auth/{proxy+}',
    path,
    headers: { 'content-type': 'application/json', origin: 'https://app.example.com', Host: 'evil.example' },
    body: JSON.stringify(signUp),
    requestContext: { requestId: 'request-1', identity: { sourceIp: '192.0.2.1' } },
    ...more,
  };
}

describe('the identity function', () => {
  test('sets every cookie as a header of its own, and lets a trusted page read the answer', async () => {
    const answer = await endpoint()(event('/api/auth/sign-up/email'));
    expect(answer.statusCode).toBe(200);
    expect(answer.multiValueHeaders['set-cookie']).toHaveLength(2);
    expect(answer.multiValueHeaders).toMatchObject({
      'access-control-allow-origin': ['https://app.example.com'],
      'access-control-allow-credentials': ['true'],
      vary: ['Origin'],
    });
  });

  test('lets no other page read the answer', async () => {
    const headers = { 'content-type': 'application/json', origin: 'https://evil.example' };
    const answer = await endpoint()(
      event('/api/auth/get-session', { httpMethod: 'GET', headers, body: null }),
    );
    expect(answer.multiValueHeaders).not.toHaveProperty('access-control-allow-origin');
  });

  test('answers the same behind a base-path mapping and in payload format 2.0', async () => {
    const mapped = await endpoint()(event('/crm/api/auth/ok', { httpMethod: 'GET', body: null }));
    const second = await endpoint()({
      version: '2.0',
      routeKey: 'ANY /api/auth/{proxy+}',
      rawPath: '/api/auth/ok',
      headers: {},
      requestContext: { requestId: 'r', stage: '$default', http: { method: 'GET', sourceIp: '192.0.2.1' } },
    });
    expect([mapped.statusCode, second.statusCode]).toEqual([200, 200]);
  });

  test('reads a body in base64', async () => {
    const body = Buffer.from(JSON.stringify({ ...signUp, email: 'other@example.com' })).toString('base64');
    const answer = await endpoint()(event('/api/auth/sign-up/email', { body, isBase64Encoded: true }));
    expect(answer.statusCode).toBe(200);
  });

  test('takes the source address from the gateway, not from the client', async () => {
    const headers = {
      ...event('').headers,
      'x-crm-source-address': '198.51.100.7',
      'x-forwarded-for': '198.51.100.8',
    };
    const body = JSON.stringify({ ...signUp, email: 'third@example.com' });
    const { multiValueHeaders } = await endpoint()(event('/api/auth/sign-up/email', { headers, body }));
    const cookie = multiValueHeaders['set-cookie']?.map((each) => each.split(';')[0]).join('; ');
    const session = await endpoint()(
      event('/api/auth/get-session', { httpMethod: 'GET', headers: { cookie }, body: null }),
    );
    expect(JSON.parse(session.body)).toMatchObject({ session: { ipAddress: '192.0.2.1' } });
  });

  test.each([
    ['no event at all', undefined],
    ['an empty event', {}],
    ['an event of another kind', { Records: [] }],
  ])('answers 503 in our shape to %s', async (_, malformed) => {
    const answer = await endpoint()(malformed);
    expect(answer.statusCode).toBe(503);
    expect(JSON.parse(answer.body)).toMatchObject({ error: 'unavailable' });
  });

  test('answers 503 with Retry-After while its secret cannot be read, never 401', async () => {
    const ask = () => Promise.reject(new Fault('secret', 'No key ring could be loaded'));
    const answer = await endpoint(ask)(event('/api/auth/sign-in/email'));
    expect(answer.statusCode).toBe(503);
    expect(answer.multiValueHeaders).toMatchObject({ 'Retry-After': ['1'], 'Cache-Control': ['no-store'] });
  });

  test('answers 503 while its store fails, and logs nothing of the request', async () => {
    const broken = await startTestEngine();
    const identity = await testIdentity(broken, { TRUSTED_ORIGINS: 'https://app.example.com' });
    await broken.stop();
    const answer = await endpoint(async () => identity.auth)(event('/api/auth/sign-up/email'));
    expect(answer.statusCode).toBe(503);
    expect(lines).toMatchObject([{ event: 'fault', kind: 'store' }]);
    expect(JSON.stringify(lines)).not.toMatch(/somebody|correct horse|evil/);
  });
});
