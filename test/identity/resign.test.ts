import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { identityEndpoint } from '../../lambda/identity/endpoint.ts';
import type { Identity } from '../../lambda/identity/identity.ts';
import type { RingKey } from '../../lambda/secrets/key-ring.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { identitySecret, testIdentity, type TestIdentity } from '../support/identity.ts';

const issuer = 'http://127.0.0.1:3000';
const now: RingKey = { kid: 'now', k: identitySecret, signFrom: 100 };
const older: RingKey = { kid: 'older', k: 'an older secret of thirty-two characters', signFrom: 0 };
const unknown: RingKey = { kid: 'unknown', k: 'somebody elses secret of long enough text', signFrom: 0 };

let engine: TestEngine;
let before: TestIdentity;
let after: Identity;
beforeAll(async () => {
  engine = await startTestEngine();
  const shared = await testIdentity(engine);
  before = { ...shared, auth: shared.under(older.k) };
  after = { auth: shared.auth, key: now, verification: [older, now] };
});
afterAll(() => engine.stop());

const endpoint = (by: Identity = after) =>
  identityEndpoint(
    async () => by,
    before.isLive,
    { issuer, trustedOrigins: [issuer] },
    Date.now,
    () => undefined,
  );

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cookies: readonly string[];
}

async function ask(
  method: string,
  path: string,
  cookie: string,
  by = after,
  body: object = {},
): Promise<Answer> {
  const { statusCode, ...answer } = await endpoint(by)({
    httpMethod: method,
    path: `/api/auth${path}`,
    headers: { cookie, origin: issuer, 'content-type': 'application/json' },
    body: method === 'POST' ? JSON.stringify(body) : null,
    requestContext: { requestId: 'r', identity: { sourceIp: '192.0.2.1' } },
  });
  return { status: statusCode, body: answer.body, cookies: answer.multiValueHeaders['set-cookie'] ?? [] };
}

const pair = (line = ''): string => line.split(';')[0] ?? '';
let people = 0;

/** Cookies of a browser that signed up while the older key signed. */
async function signedUpBefore(rememberMe = true): Promise<string> {
  people += 1;
  const body = {
    email: `${people}@example.com`,
    password: 'correct horse battery',
    name: 'Somebody',
    rememberMe,
  };
  const by: Identity = { auth: before.auth, key: older, verification: [older] };
  const { cookies } = await ask('POST', '/sign-up/email', '', by, body);
  return cookies.map(pair).join('; ');
}

const named = (lines: readonly string[], name: string): string | undefined =>
  lines.find((line) => line.startsWith(`${name}=`));

const isSigned = (line: string, { k }: RingKey): boolean => {
  const value = decodeURIComponent(pair(line).slice(line.indexOf('=') + 1));
  const dot = value.lastIndexOf('.');
  return createHmac('sha256', k).update(value.slice(0, dot)).digest('base64') === value.slice(dot + 1);
};

describe('a browser whose cookies an older key signed', () => {
  test('is still signed in, and gets its cookie signed anew with its remaining life', async () => {
    const { status, body, cookies } = await ask('GET', '/get-session', await signedUpBefore());
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ user: { email: `${people}@example.com` } });
    const line = named(cookies, 'better-auth-session') ?? '';
    expect(isSigned(line, now)).toBe(true);
    const maxAge = Number(/Max-Age=(\d+)/.exec(line)?.[1]);
    expect(maxAge).toBeGreaterThan(7 * 24 * 3600 - 60);
    expect(maxAge).toBeLessThanOrEqual(7 * 24 * 3600);
    expect(line).toMatch(/HttpOnly/);
    expect(line).toMatch(/SameSite=Lax/);
  });

  test('gets a new cookie cache instead of the one the older key signed', async () => {
    const { cookies } = await ask('GET', '/get-session', await signedUpBefore());
    expect(named(cookies, 'better-auth.session_data')).toBeDefined();
  });

  test("keeps a browser's session one: no Max-Age, and dont_remember signed anew as well", async () => {
    const cookie = await signedUpBefore(false);
    expect(cookie).toContain('dont_remember');
    const { cookies } = await ask('GET', '/get-session', cookie);
    for (const name of ['better-auth-session', 'better-auth.dont_remember']) {
      const line = named(cookies, name) ?? '';
      expect([name, isSigned(line, now), /max-age/i.test(line)]).toEqual([name, true, false]);
    }
  });

  test('that signs out is signed out: the row is gone and no cookie is given back', async () => {
    const cookie = await signedUpBefore();
    const { status, cookies } = await ask('POST', '/sign-out', cookie);
    expect(status).toBe(200);
    expect(cookies.filter((line) => line.startsWith('better-auth-session=')).map(pair)).toEqual([
      'better-auth-session=',
    ]);
    expect((await ask('GET', '/get-session', cookie)).body).toBe('null');
  });

  test('whose session is gone gets nothing renewed', async () => {
    const cookie = await signedUpBefore();
    await ask('POST', '/sign-out', cookie);
    const { cookies } = await ask('GET', '/get-session', cookie);
    expect(cookies.filter((line) => /^better-auth-session=[^;]/.test(line))).toEqual([]);
  });
});

test('a cookie of a key that is not in the ring, or was revoked from it, is never signed anew', async () => {
  const cookie = await signedUpBefore();
  for (const verification of [[now], [now, unknown]]) {
    const { body, cookies } = await ask('GET', '/get-session', cookie, { ...after, verification });
    expect(body).toBe('null');
    expect(cookies.filter((line) => /^better-auth-session=[^;]/.test(line))).toEqual([]);
  }
});

test('a cookie of the key that signs now is left as it is', async () => {
  people += 1;
  const signUp = { email: `${people}@example.com`, password: 'correct horse battery', name: 'Somebody' };
  const { cookies } = await ask('POST', '/sign-up/email', '', after, signUp);
  const { status, cookies: again } = await ask('GET', '/get-session', cookies.map(pair).join('; '));
  expect([status, again]).toEqual([200, []]);
});
