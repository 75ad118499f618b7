import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newPerson, startOperations, type Person, type TestOperations } from '../support/authctl.ts';

const hour = 3_600_000;

let operations: TestOperations;
let alice: Person;
beforeAll(async () => {
  operations = await startOperations();
  alice = await newPerson(operations, 'alice');
});
afterAll(() => operations.stop());

async function made(...args: readonly string[]) {
  const { json } = await operations.authctl(
    'keys',
    'create',
    '--name',
    'test',
    '--user',
    alice.email,
    ...args,
  );
  return { id: String(json['id']), key: String(json['key']) };
}
const rotate = (id: string, ...args: readonly string[]) => operations.authctl('keys', 'rotate', id, ...args);
const says = async (key: unknown): Promise<unknown> => {
  const { reason, effect } = await operations.decide(String(key));
  return reason ?? effect;
};
const rowOf = async (id: unknown) => (await operations.keyRows()).find((row) => row['id'] === id) ?? {};

describe('rotating a key', () => {
  test('makes a successor at once, and ends the key after its grace to the millisecond', async () => {
    const old = await made();
    const { exit, json } = await rotate(old.id, '--grace', '2h');
    expect(exit).toBe(0);
    const end = new Date(operations.clock() + 2 * hour).toISOString();
    expect(json).toEqual({
      id: expect.any(String),
      key: expect.any(String),
      predecessor: { id: old.id, notAfter: end },
    });
    expect([await says(old.key), await says(json['key'])]).toEqual(['allow', 'allow']);
    operations.clock.advance(2 * hour - 1);
    expect(await says(old.key)).toBe('allow');
    operations.clock.advance(1);
    expect([await says(old.key), await says(json['key'])]).toEqual(['credential_expired', 'allow']);
    expect(await rowOf(old.id)).toMatchObject({ expiresAt: end, notAfter: end, successorId: json['id'] });
  });

  test('gives a day of grace unless told otherwise', async () => {
    const old = await made();
    await rotate(old.id);
    operations.clock.advance(24 * hour - 1);
    expect(await says(old.key)).toBe('allow');
    operations.clock.advance(1);
    expect(await says(old.key)).toBe('credential_expired');
  });

  test('hands scopes, limits and guards on, and no later end', async () => {
    const old = await made(
      '--scope', 'records:read', '--allow-ip', '192.0.2.7', '--organization', alice.slug, '--rate', '9/1h',
      '--refill', '8/1h', '--remaining', '5', '--expires-in', '30d',
    ); // prettier-ignore
    expect(await says(old.key)).toBe('allow');
    const { json } = await rotate(old.id);
    const [before, after] = [await rowOf(old.id), await rowOf(json['id'])];
    const same = ['name', 'configId', 'referenceId', 'permissions', 'allowedAddresses', 'allowedOrganizations', 'rateLimitEnabled',
      'rateLimitMax', 'rateLimitTimeWindow', 'refillAmount', 'refillInterval', 'remaining']; // prettier-ignore
    for (const name of same) expect([name, after[name]]).toEqual([name, before[name]]);
    expect(after).toMatchObject({ remaining: 4, lastRefillAt: before['createdAt'] });
    const end = new Date(Date.parse(String(before['createdAt'])) + 30 * 24 * hour).toISOString();
    expect([after['notAfter'], after['expiresAt']]).toEqual([end, end]);
  });

  test('never lengthens a life: not by a grace beyond its end, and not by its owner afterwards', async () => {
    const old = await made('--expires-in', '1h');
    const { json } = await rotate(old.id, '--grace', '30d');
    expect(json).toMatchObject({
      predecessor: { notAfter: new Date(operations.clock() + hour).toISOString() },
    });
    const other = await made();
    await rotate(other.id, '--grace', '1h');
    const revived = await alice.browse('/api-key/update', { keyId: other.id, expiresIn: null });
    expect(revived.status).toBe(200);
    operations.clock.advance(hour);
    expect([await says(old.key), await says(json['key']), await says(other.key)]).toEqual([
      'credential_expired',
      'credential_expired',
      'credential_expired',
    ]);
  });

  test('twice makes one successor; the second call names it, cannot show it, and lengthens nothing', async () => {
    const old = await made();
    const first = await rotate(old.id, '--grace', '2h');
    operations.clock.advance(hour);
    const second = await rotate(old.id, '--grace', '2h');
    expect(second).toMatchObject({ exit: 0, json: { id: first.json['id'], key: null } });
    expect(second.json['predecessor']).toEqual(first.json['predecessor']);
    expect(second.err).toContain('Rotated before');
    const now = await rotate(old.id, '--grace', '0s');
    expect(now.exit).toBe(0);
    expect([await says(old.key), await says(first.json['key'])]).toEqual(['credential_expired', 'allow']);
  });

  test('ten times at once makes one successor, and one caller sees it', async () => {
    const old = await made();
    const rows = (await operations.keyRows()).length;
    const all = await Promise.all(Array.from({ length: 10 }, () => rotate(old.id)));
    expect(all.map(({ exit }) => exit)).toEqual(all.map(() => 0));
    expect(new Set(all.map(({ json }) => json['id'])).size).toBe(1);
    expect(all.filter(({ json }) => json['key'] !== null)).toHaveLength(1);
    expect(await operations.keyRows()).toHaveLength(rows + 1);
  });

  test.each([
    ['a revoked key', (id: string) => operations.authctl('keys', 'revoke', id), 'refused'],
    ['a key that has ended', async () => operations.clock.advance(2 * hour), 'refused'],
  ])('is refused for %s: a successor would bring it back', async (_, end, error) => {
    const old = await made('--expires-in', '1h');
    await end(old.id);
    const rows = (await operations.keyRows()).length;
    expect(await rotate(old.id)).toMatchObject({ exit: 1, json: { error } });
    expect(await operations.keyRows()).toHaveLength(rows);
  });

  test.each([
    ['of no key', ['nobody'], 1, 'not_found'],
    ['without an id', [], 2, 'usage'],
    ['with a malformed grace', ['nobody', '--grace', 'soon'], 2, 'usage'],
  ])('%s fails', async (_, args, exit, error) => {
    expect(await operations.authctl('keys', 'rotate', ...args)).toMatchObject({ exit, json: { error } });
  });
});

describe('revoking a key', () => {
  test('ends it for good, says so again, and tells of a successor that goes on', async () => {
    const old = await made();
    const { json } = await rotate(old.id);
    const revoked = { id: old.id, revoked: true, successorId: json['id'] };
    for (const _ of [1, 2])
      expect((await operations.authctl('keys', 'revoke', old.id)).json).toEqual(revoked);
    expect([await says(old.key), await says(json['key'])]).toEqual(['credential_disabled', 'allow']);
  });

  test('of nobody fails', async () => {
    expect(await operations.authctl('keys', 'revoke', 'nobody')).toMatchObject({
      exit: 1,
      json: { error: 'not_found' },
    });
  });
});

test('keys are listed by owner or all, with their state and limits, and never a key or its hash', async () => {
  const bob = await newPerson(operations, 'bob');
  const create = (...args: readonly string[]) =>
    operations.authctl('keys', 'create', '--name', 'listed', ...args);
  const one = await create('--user', bob.email, '--remaining', '7', '--allow-ip', '192.0.2.7');
  const two = await create('--owner-organization', 'bob', '--scope', 'records:read');
  await operations.authctl('keys', 'revoke', String(two.json['id']));
  const list = async (...args: readonly string[]) => operations.authctl('keys', 'list', ...args);
  const byUser = await list('--user', bob.email);
  expect(byUser.json).toMatchObject({
    keys: [
      {
        id: one.json['id'],
        name: 'listed',
        status: 'active',
        limits: { remaining: 7 },
        allowedAddresses: ['192.0.2.7'],
        permissions: null,
      },
    ],
  });
  expect((await list('--organization', 'bob')).json).toMatchObject({
    keys: [{ id: two.json['id'], status: 'revoked' }],
  });
  const all = await list();
  expect(all.out).toContain(String(one.json['id']));
  expect(all.out).toContain(String(two.json['id']));
  for (const row of await operations.keyRows()) expect(all.out).not.toContain(row['key']);
  expect((await operations.plain('', 'keys', 'list', '--user', bob.email)).out).toContain('7 left');
  expect((await list('--user', bob.email, '--organization', 'bob')).exit).toBe(2);
});
