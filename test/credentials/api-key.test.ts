import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { oracle } from '../support/better-auth.ts';
import { start } from '../support/clock.ts';
import { outcomeOf } from '../support/outcome.ts';
import { acme, initech, keyOf, rows } from '../support/world.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());

const of = (key: string): Promise<string> => outcomeOf(world, { headers: { 'x-api-key': key } });

/** A moment after now. */
const iso = (milliseconds = 0): string => new Date(start + milliseconds).toISOString();

describe("every state of a key's row has its answer", () => {
  const stored = rows.find(({ id }) => id === 'Keyalice'.padEnd(32, '0')) ?? { pk: '', sk: '' };
  const withRow = async (given: object): Promise<string> => {
    await put(world.engine.client, world.table, [{ ...stored, ...given }]);
    return of(keyOf('alice'));
  };

  test.each<[string, object, string]>([
    ['as it is made', {}, 'allow'],
    ['without enabled', { enabled: undefined }, 'allow'],
    ['with enabled null', { enabled: null }, 'allow'],
    ['disabled', { enabled: false }, 'credential_disabled'],
    ['without a configuration', { configId: undefined }, 'allow'],
    ['of another configuration', { configId: 'webhooks' }, 'credential_unknown'],
    ['that expires never', { expiresAt: null }, 'allow'],
    ['that expires now', { expiresAt: new Date(start).toISOString() }, 'credential_expired'],
    ['that expires in a millisecond', { expiresAt: new Date(start + 1).toISOString() }, 'allow'],
    [
      'that expired and was not swept',
      { expiresAt: '2001-01-01T00:00:00.000Z', ttl: 978_307_200 },
      'credential_expired',
    ],
    ['that expires on no date', { expiresAt: 'soon' }, 'fault'],
    ['with permissions that are no JSON', { permissions: '{' }, 'fault'],
    ['with permissions of another shape', { permissions: '{"records":"read"}' }, 'fault'],
    ['with permissions as an object', { permissions: { records: ['read'] } }, 'fault'],
    ['with enabled as text', { enabled: 'false' }, 'fault'],
    ['without an owner', { referenceId: undefined }, 'fault'],
    ['with a number that cannot be held', { remaining: 2n ** 64n }, 'fault'],
    ['with uses left', { remaining: 5 }, 'allow'],
    ['without uses left', { remaining: 0 }, 'quota_exhausted'],
    ['with a rate limit of nothing', { rateLimitEnabled: true }, 'allow'],
    [
      'in a full window',
      {
        rateLimitEnabled: true,
        rateLimitMax: 1,
        rateLimitTimeWindow: 1000,
        requestCount: 1,
        lastRequest: iso(),
      },
      'rate_limited',
    ],
    ['disabled by an operator', { disabledByOperator: true }, 'credential_disabled'],
    [
      'disabled by an operator and enabled',
      { disabledByOperator: true, enabled: true },
      'credential_disabled',
    ],
    ['disabled by an operator in another way', { disabledByOperator: 'yes' }, 'fault'],
    ['that an operator has ended', { notAfter: iso() }, 'credential_expired'],
    ['that an operator ends in a millisecond', { notAfter: iso(1) }, 'allow'],
    [
      'whose owner took its end away, though an operator set one',
      { expiresAt: null, notAfter: iso() },
      'credential_expired',
    ],
    ['whose owner ends it sooner', { expiresAt: iso(), notAfter: iso(1) }, 'credential_expired'],
    ['limited to its address', { allowedAddresses: ['192.0.2.7'] }, 'allow'],
    ['limited to its network', { allowedAddresses: ['10.0.0.0/8', '192.0.2.0/24'] }, 'allow'],
    ['limited to another address', { allowedAddresses: ['192.0.2.8'] }, 'address_not_allowed'],
    ['limited to no address', { allowedAddresses: [] }, 'address_not_allowed'],
    [
      'limited to what is no address',
      { allowedAddresses: ['*', '0/0', '192.0.2.7/33'] },
      'address_not_allowed',
    ],
    ['limited to an address as text', { allowedAddresses: '192.0.2.7' }, 'fault'],
    ['limited to an organization', { allowedOrganizations: [acme.id] }, 'allow'],
    ['limited to what its owner is not in', { allowedOrganizations: [initech.id] }, 'organization_forbidden'],
    ['limited to no organization', { allowedOrganizations: [] }, 'organization_forbidden'],
    [
      'limited to an organization by its slug',
      { allowedOrganizations: [acme.slug] },
      'organization_forbidden',
    ],
    [
      'of an organization, limited to another',
      { configId: 'organization', referenceId: acme.id, allowedOrganizations: [initech.id] },
      'organization_forbidden',
    ],
    ['limited to organizations as text', { allowedOrganizations: acme.id }, 'fault'],
  ])('%s: %#', async (_, given, outcome) => expect(await withRow(given)).toBe(outcome));
});

describe('Better Auth and the authorizer agree', () => {
  /** A user with an organization and a key, both made by Better Auth now; the authorizer's clock is set to it. */
  async function made(name: string, given: object = {}) {
    const better = oracle('a-secret-for-better-auth-as-an-oracle-00');
    const { userId, organizationId } = await better.signUp(name);
    const { key } = await better.auth.api.createApiKey({ body: { userId, ...given } });
    const ours = async (presented = key, path = '/v1/whoami'): Promise<string> => {
      const fresh = await startAuthorizer();
      fresh.clock.advance(Date.now() - start);
      await put(fresh.engine.client, fresh.table, better.rows());
      const outcome = await outcomeOf(fresh, { path, resource: '', headers: { 'x-api-key': presented } });
      await fresh.stop();
      return outcome;
    };
    const theirs = async (presented = key, permissions?: Record<string, string[]>) => {
      const { valid, error } = await better.auth.api.verifyApiKey({
        body: { key: presented, ...(permissions && { permissions }) },
      });
      return valid ? 'allow' : String(error?.code);
    };
    return { better, key, ours, theirs, organizationId, row: () => better.database['apikey']?.[0] };
  }

  test('on a key that is good', async () => {
    const { ours, theirs } = await made('good');
    expect([await ours(), await theirs()]).toEqual(['allow', 'allow']);
  });

  test('on a key that is disabled', async () => {
    const { ours, theirs, row } = await made('disabled');
    Object.assign(row() ?? {}, { enabled: false });
    expect([await ours(), await theirs()]).toEqual(['credential_disabled', 'KEY_DISABLED']);
  });

  test('on a key that has expired', async () => {
    const { ours, theirs, row } = await made('expired');
    Object.assign(row() ?? {}, { expiresAt: new Date(Date.now() - 1000) });
    expect([await ours(), await theirs()]).toEqual(['credential_expired', 'KEY_EXPIRED']);
  });

  test('on a key that was deleted, and one that never was', async () => {
    const { ours, theirs, better, key } = await made('deleted');
    better.database['apikey']?.splice(0);
    expect([await ours(), await theirs()]).toEqual(['credential_unknown', 'INVALID_API_KEY']);
    const never = key.toUpperCase();
    expect([await ours(never), await theirs(never)]).toEqual(['credential_unknown', 'INVALID_API_KEY']);
  });

  test('on which entities a key with permissions may read', async () => {
    const { key, ours, theirs } = await made('scoped', { permissions: { records: ['read:contact'] } });
    const both = async (entity: string) => [
      await ours(key, `/v1/records/${entity}`),
      await theirs(key, { records: [`read:${entity}`] }),
    ];
    expect(await both('contact')).toEqual(['allow', 'allow']);
    // Better Auth says "not found" of a key without the permission.
    expect(await both('deal')).toEqual(['scope_insufficient', 'KEY_NOT_FOUND']);
  });

  test('except on a key whose owner is in no organization: Better Auth never looks', async () => {
    const { ours, theirs, better } = await made('alone');
    better.database['member']?.splice(0);
    expect([await ours(), await theirs()]).toEqual(['organization_missing', 'allow']);
  });
});
