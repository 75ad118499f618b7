import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { identityEndpoint } from '../../lambda/identity/endpoint.ts';
import { liveSession } from '../../lambda/identity/live-session.ts';
import { revocationKey, type Revocable } from '../../lambda/store/keys.ts';
import { revocations } from '../../lambda/store/revocations.ts';
import { testClock } from '../support/clock.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { identitySecret, testIdentity, type TestIdentity } from '../support/identity.ts';

const issuer = 'http://127.0.0.1:3000';
const bound = 5000;
const key = { kid: 'now', k: identitySecret, signFrom: 0 };

let engine: TestEngine;
let identity: TestIdentity;
beforeAll(async () => {
  engine = await startTestEngine();
  identity = await testIdentity(engine);
});
afterAll(() => engine.stop());

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly cookies: readonly string[];
}
type Ask = (path: string, cookie: string, body?: object) => Promise<Answer>;

/** A process of the identity function, and its clock. */
function startProcess(now = Date.now()) {
  const clock = testClock(now);
  const { auth, table } = identity;
  const serve = identityEndpoint(
    async () => ({ auth, key, verification: [key] }),
    liveSession(table, revocations(table, bound, clock), bound, clock),
    { issuer, trustedOrigins: [issuer] },
    clock,
    () => undefined,
  );
  const ask: Ask = async (path, cookie, body) => {
    const { statusCode, ...answer } = await serve({
      httpMethod: body ? 'POST' : 'GET',
      path: `/api/auth${path}`,
      headers: { ...(cookie === '' ? {} : { cookie }), origin: issuer, 'content-type': 'application/json' },
      body: body ? JSON.stringify(body) : null,
      requestContext: { requestId: 'r', identity: { sourceIp: '192.0.2.1' } },
    });
    const text = answer.body;
    return {
      status: statusCode,
      body: text === '' ? undefined : JSON.parse(text),
      cookies: answer.multiValueHeaders['set-cookie'] ?? [],
    };
  };
  return { clock, ask };
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
const jar = (lines: readonly string[]): string => lines.map((line) => line.split(';')[0]).join('; ');
const isCleared = (lines: readonly string[], name: string): boolean =>
  lines.some((line) => line.startsWith(`${name}=;`) && /Max-Age=0/i.test(line));

let people = 0;
async function signUp(ask: Ask) {
  people += 1;
  const email = `${people}@example.com`;
  const password = 'correct horse battery';
  const answer = await ask('/sign-up/email', '', { email, password, name: 'Somebody' });
  const userId = String(member(member(answer.body, 'user'), 'id'));
  return { email, password, userId, cookie: jar(answer.cookies) };
}
const found = async (ask: Ask, cookie: string): Promise<string> => {
  const organization = await ask('/organization/create', cookie, { name: 'One', slug: `org-${people}` });
  return String(member(organization.body, 'id'));
};

const revokeBefore = (kind: Revocable, name: string, minIssuedAt: number) =>
  engine.client.send(
    new PutItemCommand({
      TableName: identity.tableName,
      Item: marshall({ ...revocationKey(kind, name), minIssuedAt }),
    }),
  );
const inAMinute = () => Math.floor(Date.now() / 1000) + 60;

describe('a session that is revoked', () => {
  test('is none within five seconds, cookie cache or not: nobody is signed in, and the cookies are taken back', async () => {
    const { ask, clock } = startProcess();
    const { userId, cookie } = await signUp(ask);
    expect((await ask('/get-session', cookie)).body).toMatchObject({ user: { id: userId } });
    await revokeBefore('user', userId, inAMinute());
    clock.advance(bound);
    const answer = await ask('/get-session', cookie);
    expect([answer.status, answer.body]).toEqual([200, null]);
    expect(isCleared(answer.cookies, 'better-auth-session')).toBe(true);
    expect(isCleared(answer.cookies, 'better-auth.session_data')).toBe(true);
  });

  test.each([
    ['to list sessions', '/list-sessions', undefined],
    ['to make an API key', '/api-key/create', { name: 'key' }],
    [
      'to change the password',
      '/change-password',
      { currentPassword: 'correct horse battery', newPassword: 'another long password' },
    ],
    ['to found an organization', '/organization/create', { name: 'Two', slug: 'organization-two' }],
  ] as const)('is refused %s, also by a process that starts then', async (_, path, body) => {
    const { cookie, userId } = await signUp(startProcess().ask);
    await revokeBefore('user', userId, inAMinute());
    expect((await startProcess().ask(path, cookie, body)).status).toBe(401);
  });

  test('is seen however its cookie is written: where Better Auth reads a quoted one, so is it here', async () => {
    const { cookie, userId } = await signUp(startProcess().ask);
    const quoted = cookie.replace(/better-auth-session=([^;]*)/, 'better-auth-session="$1"');
    expect((await startProcess().ask('/get-session', quoted)).body).toMatchObject({ user: { id: userId } });
    await revokeBefore('user', userId, inAMinute());
    expect((await startProcess().ask('/get-session', quoted)).body).toBeNull();
  });

  test('leaves the sessions of others, and those that began since', async () => {
    const { ask } = startProcess();
    const [one, other] = [await signUp(ask), await signUp(ask)];
    await revokeBefore('user', one.userId, Math.floor(Date.now() / 1000) - 60);
    const cold = startProcess().ask;
    for (const { cookie, userId } of [one, other])
      expect((await cold('/get-session', cookie)).body).toMatchObject({ user: { id: userId } });
  });

  test('of an organization is none to any of its members, wherever it is active', async () => {
    const { ask } = startProcess();
    const { cookie } = await signUp(ask);
    const id = await found(ask, cookie);
    const stranger = await signUp(ask);
    await revokeBefore('organization', id, inAMinute());
    const cold = startProcess().ask;
    const update = { organizationId: id, data: { name: 'Taken over' } };
    expect((await cold('/organization/update', cookie, update)).status).toBe(401);
    expect((await cold('/get-session', stranger.cookie)).body).not.toBeNull();
  });

  test('does not stand in the way of signing in anew, with the old cookies still there', async () => {
    const { ask } = startProcess();
    const { email, password, userId, cookie } = await signUp(ask);
    await revokeBefore('user', userId, Math.floor(Date.now() / 1000) + 1);
    const later = startProcess(Date.now() + 2000);
    const answer = await later.ask('/sign-in/email', cookie, { email, password });
    expect(answer.status).toBe(200);
    const [line, ...more] = answer.cookies.filter((each) => each.startsWith('better-auth-session='));
    expect(more).toEqual([]);
    expect(line).toMatch(/^better-auth-session=[^;]/);
  });
});

test('a session whose row was deleted is none at once, though its cookie cache has minutes left', async () => {
  const { ask } = startProcess();
  const { cookie } = await signUp(ask);
  expect(cookie).toContain('session_data');
  expect((await ask('/sign-out', cookie, {})).status).toBe(200);
  expect((await ask('/get-session', cookie)).body).toBeNull();
  expect((await ask('/list-sessions', cookie)).status).toBe(401);
});

test('while nobody can tell what is revoked, the answer is 503, and nobody is signed in or out', async () => {
  const { cookie, userId } = await signUp(startProcess().ask);
  const broken = marshall({ ...revocationKey('user', userId), minIssuedAt: 'soon' });
  await engine.client.send(new PutItemCommand({ TableName: identity.tableName, Item: broken }));
  const answer = await startProcess().ask('/get-session', cookie);
  expect([answer.status, answer.cookies]).toEqual([503, []]);
  const Key = marshall(revocationKey('user', userId));
  await engine.client.send(new DeleteItemCommand({ TableName: identity.tableName, Key }));
  expect((await startProcess().ask('/get-session', cookie)).status).toBe(200);
});
