import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newPerson, startOperations, type Person, type TestOperations } from '../support/authctl.ts';

let operations: TestOperations;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  operations = await startOperations();
  alice = await newPerson(operations, 'alice');
  bob = await newPerson(operations, 'bob');
});
afterAll(() => operations.stop());

const create = (...args: readonly string[]) =>
  operations.authctl('keys', 'create', '--name', 'test', ...args);
/** A key of Alice's. */
async function made(...args: readonly string[]): Promise<string> {
  const { json } = await create('--user', alice.email, ...args);
  return String(json['key']);
}
const rowOf = async (id: unknown) => (await operations.keyRows()).find((row) => row['id'] === id) ?? {};

test('a key is shown once, works at once, and is nowhere in the table', async () => {
  const { exit, json, err } = await create('--user', alice.email);
  expect(exit).toBe(0);
  expect(json).toEqual({
    id: expect.any(String),
    key: expect.stringMatching(/^crm_test_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/),
    name: 'test',
    owner: `user:${alice.userId}`,
    scopes: null,
  });
  expect(err).toContain('shown this once');
  const key = String(json['key']);
  expect(await operations.decide(key)).toMatchObject({ effect: 'allow', credentialId: json['id'] });
  expect(JSON.stringify(await operations.keyRows())).not.toContain(key);
});

test('a key has the row that Better Auth itself would give it, and verifies there too', async () => {
  const { json } = await create('--user', alice.userId);
  const theirs = await operations.identity.auth.api.createApiKey({
    body: { userId: alice.userId, name: 'test' },
  });
  const [mine, other] = [await rowOf(json['id']), await rowOf(theirs.id)];
  const types = (row: object) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value]));
  // Better Auth stores its own defaults of limits that it switches off.
  const { rateLimitMax: _max, rateLimitTimeWindow: _window, ...rest } = other;
  for (const name of ['likelyOrganizationId', 'likelyMark'])
    expect([name, mine[name]]).toEqual([name, other[name]]);
  expect(types(mine)).toEqual(types(rest));
  const same = ['configId', 'referenceId', 'name', 'enabled', 'rateLimitEnabled', 'requestCount'];
  for (const name of same) expect([name, mine[name]]).toEqual([name, other[name]]);
  expect(String(mine['start'])).toHaveLength(String(other['start']).length);
  const verified = await operations.identity.auth.api.verifyApiKey({ body: { key: String(json['key']) } });
  expect(verified.valid).toBe(true);
});

describe('a key is limited', () => {
  const status = async (key: string, sent: object = {}) => {
    const { effect, reason } = await operations.decide(key, sent);
    return reason ?? effect;
  };

  test('to scopes, which are its permissions', async () => {
    const key = await made('--scope', 'records:read:contact', '--scope', 'records:read:deal');
    const path = '/v1/records/contact';
    expect(await status(key, { path, resource: '/v1/records/{entity}' })).toBe('allow');
    expect(await status(key, { method: 'POST', path, resource: '/v1/records/{entity}' })).toBe(
      'scope_insufficient',
    );
  });

  test('to organizations of its owner: by name to no other, without a name to the first among them', async () => {
    const second = await alice.browse('/organization/create', { name: 'second', slug: 'second' });
    expect(second.status).toBe(200);
    const key = await made('--organization', 'second');
    expect(await status(key)).toBe('allow');
    expect(await status(key, { headers: { 'x-api-key': key, 'x-tenant-id': 'second' } })).toBe('allow');
    expect(await status(key, { headers: { 'x-api-key': key, 'x-tenant-id': alice.slug } })).toBe(
      'organization_forbidden',
    );
    const both = await made('--organization', 'second', '--organization', alice.slug);
    expect(await operations.decide(both)).toMatchObject({ organizationId: alice.organizationId });
  });

  test('to addresses', async () => {
    const key = await made('--allow-ip', '192.0.2.0/24', '--allow-ip', '2001:db8::/32');
    expect(await status(key, { sourceAddress: '192.0.2.200' })).toBe('allow');
    expect(await status(key, { sourceAddress: '2001:db8::7' })).toBe('allow');
    expect(await status(key, { sourceAddress: '198.51.100.1' })).toBe('address_not_allowed');
    const forwarded = { 'x-api-key': key, 'X-Forwarded-For': '192.0.2.1' };
    expect(await status(key, { sourceAddress: '198.51.100.1', headers: forwarded })).toBe(
      'address_not_allowed',
    );
  });

  test('to a number of uses, a rate, and both, with a refill', async () => {
    const counted = await made('--remaining', '2');
    expect([await status(counted), await status(counted), await status(counted)]).toEqual([
      'allow',
      'allow',
      'quota_exhausted',
    ]);
    const rated = await made('--rate', '1/10s');
    expect([await status(rated), await status(rated)]).toEqual(['allow', 'rate_limited']);
    operations.clock.advance(10_001);
    expect(await status(rated)).toBe('allow');
    const refilled = await made('--refill', '1/1m');
    expect([await status(refilled), await status(refilled)]).toEqual(['allow', 'quota_exhausted']);
    operations.clock.advance(60_001);
    expect([await status(refilled), await status(refilled)]).toEqual(['allow', 'quota_exhausted']);
  });

  test('to a time, however short', async () => {
    const key = await made('--expires-in', '90s');
    expect(await status(key)).toBe('allow');
    operations.clock.advance(90_000);
    expect(await status(key)).toBe('credential_expired');
  });

  test("and an organization's key to its own scopes, without user or role, and never to managing extensions", async () => {
    const args = ['--owner-organization', alice.slug, '--scope', 'records:read'];
    const { json, exit } = await create(...args);
    expect([exit, json['owner']]).toEqual([0, `organization:${alice.organizationId}`]);
    const key = String(json['key']);
    expect(await operations.decide(key)).toMatchObject({ effect: 'allow', principalId: json['owner'] });
    expect(await status(key, { headers: { 'x-api-key': key, 'x-tenant-id': bob.slug } })).toBe(
      'organization_forbidden',
    );
    const write = { method: 'POST', path: '/v1/records/contact', resource: '/v1/records/{entity}' };
    expect(await status(key, write)).toBe('scope_insufficient');
    const manage = await create(...args, '--scope', 'extensions:manage');
    expect(manage).toMatchObject({ exit: 1, json: { error: 'refused' } });
    const bare = await create('--owner-organization', alice.slug);
    expect(bare.err).toContain('opens only what needs none');
  });
});

describe('nothing is made', () => {
  const many = (count: number, scope: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => ['--scope', scope(index)]).flat();

  test.each<[string, number, string, readonly string[]]>([
    ['without an owner', 2, 'usage', []],
    ['with two owners', 2, 'usage', ['--user', 'alice@example.com', '--owner-organization', 'alice']],
    ['for nobody', 1, 'not_found', ['--user', 'nobody@example.com']],
    ['for no organization', 1, 'not_found', ['--owner-organization', 'nowhere']],
    [
      'for an organization that does not exist',
      1,
      'not_found',
      ['--user', 'alice@example.com', '--organization', 'nowhere'],
    ],
    [
      'for an organization the user is not in',
      1,
      'refused',
      ['--user', 'alice@example.com', '--organization', 'bob'],
    ],
    [
      'for an organization, limited to another',
      2,
      'usage',
      ['--owner-organization', 'alice', '--organization', 'bob'],
    ],
    ['with a malformed block', 2, 'usage', ['--user', 'alice@example.com', '--allow-ip', '192.0.2.0/33']],
    [
      'with a malformed block among good ones',
      2,
      'usage',
      ['--user', 'alice@example.com', '--allow-ip', '192.0.2.1', '--allow-ip', 'home'],
    ],
    ['with a malformed scope', 2, 'usage', ['--user', 'alice@example.com', '--scope', 'Records:Read']],
    ['with everything as a scope', 2, 'usage', ['--user', 'alice@example.com', '--scope', '*']],
    [
      'with more scopes than an answer holds',
      2,
      'usage',
      ['--user', 'alice@example.com', ...many(51, (n) => `records:read:e${n}`)],
    ],
    [
      'with longer scopes than an answer holds',
      2,
      'usage',
      ['--user', 'alice@example.com', ...many(40, (n) => `records:read:${'e'.repeat(60)}${n}`)],
    ],
    ['with a malformed duration', 2, 'usage', ['--user', 'alice@example.com', '--expires-in', 'tomorrow']],
    ['with no duration at all', 2, 'usage', ['--user', 'alice@example.com', '--expires-in', '0d']],
    ['with a malformed rate', 2, 'usage', ['--user', 'alice@example.com', '--rate', '100']],
    ['with a rate of nothing', 2, 'usage', ['--user', 'alice@example.com', '--rate', '0/1m']],
    ['with no uses', 2, 'usage', ['--user', 'alice@example.com', '--remaining', '0']],
    ['with a negative number of uses', 2, 'usage', ['--user', 'alice@example.com', '--remaining=-1']],
    ['with an empty name', 2, 'usage', ['--user', 'alice@example.com', '--name', ' ']],
    ['with an option nobody knows', 2, 'usage', ['--user', 'alice@example.com', '--forever']],
    ['with an argument too many', 2, 'usage', ['--user', 'alice@example.com', 'please']],
  ])('%s', async (_, exit, error, args) => {
    const before = (await operations.keyRows()).length;
    const ran = await create(...args);
    expect([ran.exit, ran.json]).toEqual([exit, { error, message: expect.stringMatching(/.+/) }]);
    expect(await operations.keyRows()).toHaveLength(before);
  });

  test('without a name', async () => {
    expect(await operations.authctl('keys', 'create', '--user', alice.email)).toMatchObject({
      exit: 2,
      json: { error: 'usage' },
    });
  });
});
