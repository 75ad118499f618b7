import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { newPerson, type Person } from '../support/authctl.ts';
import {
  bearer,
  extensionId,
  startSecretOperations,
  type SecretOperations,
} from '../support/authctl-secrets.ts';
import { cookieHeader, signedToken } from '../support/cookie.ts';
import { identitySecret } from '../support/identity.ts';

let operations: SecretOperations;
let alice: Person;
let bob: Person;
beforeEach(async () => {
  operations = await startSecretOperations();
  [alice, bob] = [await newPerson(operations, 'alice'), await newPerson(operations, 'bob')];
});
afterEach(() => operations.stop());

interface Row {
  readonly id: string;
  readonly token: string;
}
async function sessionOf(person: Person): Promise<Row> {
  const { adapter } = await operations.identity.auth.$context;
  const where = [{ field: 'userId', value: person.userId }];
  const row = await adapter.findOne<Row>({ model: 'session', where });
  if (!row) throw new Error('no session');
  return row;
}
const cookie = ({ token }: Row) => ({
  cookie: cookieHeader({ 'better-auth-session': signedToken(token, identitySecret) }),
  origin: 'http://127.0.0.1:3000',
});
const bound = 5000;

describe.each([
  ['--user', () => [alice.email]],
  ['--organization', () => [alice.slug]],
] as const)('tokens revoke %s', (option, name) => {
  test('refuses tokens, sessions and keys from before, within the bound, and nothing newer or of others', async () => {
    const old = bearer(await operations.mint(alice));
    const others = bearer(await operations.mint(bob));
    const session = await sessionOf(alice);
    const { json: key } = await operations.authctl('keys', 'create', '--user', alice.email, '--name', 'k');
    const apiKey = { 'x-api-key': String(key['key']) };
    const warm = operations.process();
    const all = async () => [
      await operations.says(warm, old),
      await operations.says(warm, cookie(session)),
      await operations.says(warm, apiKey),
      await operations.says(warm, others),
    ];
    expect(await all()).toEqual(['allow', 'allow', 'allow', 'allow']);
    operations.clock.advance(1000);
    expect(await operations.authctl('tokens', 'revoke', option, ...name())).toMatchObject({ exit: 0 });
    operations.clock.advance(bound);
    const revoked = 'credential_revoked';
    expect(await all()).toEqual([revoked, revoked, revoked, 'allow']);

    operations.clock.advance(1000);
    const { adapter } = await operations.identity.auth.$context;
    const where = [{ field: 'id', value: session.id }];
    const update = { createdAt: new Date(operations.clock()) };
    await adapter.update({ model: 'session', where, update });
    const cold = operations.process();
    expect(await operations.says(cold, cookie(session))).toBe('allow');
    expect(await operations.says(cold, bearer(await operations.mint(alice)))).toBe('allow');
  });
});

test('a moment only grows: a clock that is behind brings nothing back', async () => {
  const item = async () =>
    (await operations.items()).find(({ pk }) => pk === `revocation#user#${alice.userId}`);
  await operations.authctl('tokens', 'revoke', '--user', alice.userId);
  const first = await item();
  expect(first).toMatchObject({ minIssuedAt: Math.floor(operations.clock() / 1000) + 6 });
  operations.clock.advance(-60_000);
  expect((await operations.authctl('tokens', 'revoke', '--user', alice.userId)).exit).toBe(0);
  expect(await item()).toEqual(first);
});

test('what is issued before every process has heard of it is refused as well: a stolen session gets no token out of it', async () => {
  await operations.mint(alice);
  await operations.authctl('tokens', 'revoke', '--user', alice.userId);
  operations.clock.advance(bound);
  const meanwhile = bearer(await operations.mint(alice));
  expect(await operations.says(operations.process(), meanwhile)).toBe('credential_revoked');
  operations.clock.advance(1000);
  const since = bearer(await operations.mint(alice));
  expect(await operations.says(operations.process(), since)).toBe('allow');
});

test('tokens revoke of one token, or of an installation, ends those alone', async () => {
  const [one, two] = [await operations.mint(alice), await operations.mint(alice)];
  const jti = String(JSON.parse(Buffer.from(one.split('.')[1] ?? '', 'base64url').toString())['jti']);
  const session = cookie(await sessionOf(alice));
  expect((await operations.authctl('tokens', 'revoke', jti)).exit).toBe(0);
  expect(await operations.says(operations.process(), bearer(one))).toBe('credential_revoked');
  expect(await operations.says(operations.process(), bearer(two))).toBe('allow');
  const installation = `${alice.slug}/${extensionId}`;
  expect((await operations.authctl('tokens', 'revoke', '--installation', installation)).exit).toBe(0);
  expect(await operations.says(operations.process(), bearer(two))).toBe('credential_revoked');
  expect(await operations.says(operations.process(), session)).toBe('allow');
  expect((await operations.authctl('tokens', 'revoke', '--installation', 'alice/none')).exit).toBe(1);
});

test('tokens inspect says what verifies, under which key, and what is revoked; and repeats no token', async () => {
  const token = await operations.mint(alice);
  const [{ kid } = { kid: '' }] = operations.ring('extension-token');
  const inspect = (given: string) => operations.plain(given, 'tokens', 'inspect', '-', '--json');
  const good = await inspect(token);
  expect(good).toMatchObject({ exit: 0, json: { verified: true, revoked: false, key: kid } });
  expect(good.out + good.err).not.toContain(token);
  const forged = `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(43)}`;
  expect(await inspect(forged)).toMatchObject({
    exit: 1,
    json: { verified: false, reason: 'signature_invalid' },
  });
  await operations.authctl('tokens', 'revoke', '--user', alice.email);
  expect(await inspect(token)).toMatchObject({ exit: 1, json: { verified: true, revoked: true } });
  const given = await operations.authctl('tokens', 'revoke', token);
  expect(given.exit).toBe(2);
  expect(given.out + given.err).not.toContain(token);
});

test.each([
  ['somebody who is not in the organization', () => ['--user', bob.email, '--organization', 'alice'], 1],
  [
    'a scope that was not granted',
    () => ['--user', alice.email, '--organization', 'alice', '--scope', 'actions:invoke'],
    1,
  ],
  ['longer than an hour', () => ['--user', alice.email, '--organization', 'alice', '--ttl', '2h'], 2],
] as const)('tokens mint refuses %s', async (_, args, exit) => {
  await operations.mint(alice);
  const ran = await operations.authctl('tokens', 'mint', '--extension', extensionId, ...args());
  expect([ran.exit, ran.json['token']]).toEqual([exit, undefined]);
});

describe('sessions revoke', () => {
  const traces = async (person: Person) =>
    (await operations.items()).filter(
      (item) => String(item['pk']).startsWith('session') && JSON.stringify(item).includes(person.userId),
    );
  const anySession = async () =>
    (await operations.items()).filter(({ pk }) => String(pk).startsWith('session')).length;

  test.each([
    ['an id', async () => [(await sessionOf(alice)).id]],
    ['--user', async () => ['--user', alice.email]],
    ['--organization', async () => ['--organization', alice.slug]],
  ] as const)('%s leaves no row, pointer or list entry of it, and all of the others', async (_, args) => {
    const whole = await anySession();
    expect((await operations.authctl('sessions', 'revoke', ...(await args()))).json).toMatchObject({
      deleted: 1,
    });
    expect(await traces(alice)).toEqual([]);
    // Row, pointer by id, entry in the user's list.
    expect(await anySession()).toBe(whole / 2);
    expect((await operations.authctl('sessions', 'list', '--user', alice.email)).json).toEqual({
      sessions: [],
    });
    expect((await operations.authctl('sessions', 'list', '--user', bob.email)).json['sessions']).toHaveLength(
      1,
    );
  });

  test('--user ends them on a warm process within the bound, cookie cache and cached rows notwithstanding', async () => {
    const session = cookie(await sessionOf(alice));
    const warm = operations.process();
    expect(await operations.says(warm, session)).toBe('allow');
    operations.clock.advance(1000);
    await operations.authctl('sessions', 'revoke', '--user', alice.email);
    operations.clock.advance(bound);
    expect(await operations.says(warm, session)).toBe('credential_revoked');
  });

  test('of nobody, or of two at once, fails; no list shows a token', async () => {
    const { token } = await sessionOf(alice);
    expect((await operations.authctl('sessions', 'revoke', 'nobody')).exit).toBe(1);
    expect((await operations.authctl('sessions', 'revoke', '--user', 'a', '--organization', 'b')).exit).toBe(
      2,
    );
    const { out } = await operations.authctl('sessions', 'list', '--user', alice.email);
    expect(out).not.toContain(token);
  });
});
