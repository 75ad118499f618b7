import { describe, expect, test } from '@jest/globals';
import type { Awaitable } from '../../lambda/core/awaitable.ts';
import {
  decide,
  type Authenticated,
  type Authority,
  type Decision,
  type Refusable,
  type Standing,
} from '../../lambda/core/decide.ts';
import { deny, type DenialReason } from '../../lambda/core/denial.ts';
import type { Lease } from '../../lambda/core/lease.ts';
import type { Caller, CredentialKind, Deny, Principal, Tenancy } from '../../lambda/core/model.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import { routes } from '../../lambda/core/routes.ts';
import { accessRequest } from '../support/request.ts';

/** The decision is pure: here it is given every answer that the world could give. */
interface Given {
  readonly authenticated?: Awaitable<Refusable<Authenticated>>;
  readonly revoked?: Awaitable<Deny<DenialReason> | undefined>;
  readonly tenancy?: (principal: Principal) => Awaitable<Refusable<Tenancy>>;
  readonly remembered?: Caller;
}

const now = 1_800_000_000_000;
const organization = { id: 'org-1', slug: 'acme-corp' };
const tenancy: Tenancy = { organization, role: 'owner' };
const principal: Principal = {
  owner: { kind: 'user', id: 'user-1' },
  credentialKind: 'api_key',
  credentialId: 'key-1',
  scopes: null,
};
const caller: Caller = { principal, ...tenancy, scopes: ['*'] };
const who = { principal, credentialKind: 'api_key' } as const;

function world(given: Given) {
  const calls: unknown[][] = [];
  const by =
    (kind: CredentialKind) =>
    (presented: { readonly kind: CredentialKind }, at: number, until: Lease, address?: string) => {
      calls.push(['authenticate', kind, presented.kind, at, address]);
      if (kind === 'session') until.endsBy(now + 7000);
      return given.authenticated ?? { principal };
    };
  const authority: Authority = {
    cookieNames: { token: 'token', data: 'data' },
    table: routeTable(routes),
    trusted: compileOrigins([]),
    authenticate: { api_key: by('api_key'), session: by('session'), extension_token: by('extension_token') },
    refuseRevoked: (of) => {
      calls.push(['revoked', of.credentialId]);
      return given.revoked;
    },
    resolveOrganization: (of, tenant) => {
      calls.push(['organization', of.credentialId, tenant]);
      return given.tenancy ? given.tenancy(of) : tenancy;
    },
    callers: {
      recall: (credential, tenant, at) => {
        calls.push(['recall', credential.kind, tenant, at]);
        return given.remembered;
      },
      remember: (credential, tenant, known, end, at) => {
        calls.push(['remember', credential.kind, tenant, known, end, at]);
      },
    },
  };
  const ask = (request: Parameters<typeof accessRequest>[0] = {}): Awaitable<Decision> =>
    decide(authority, accessRequest({ headers: { 'x-api-key': 'key' }, ...request }), now);
  const did = (name: string): readonly unknown[][] => calls.filter(([each]) => each === name);
  return { ask, did, calls };
}

/** An answer that is here, and the same one that comes later. */
const both = <T>(value: T): readonly Awaitable<T>[] => [value, Promise.resolve(value)];

describe('the decision', () => {
  test('is an allow of the caller when every answer is good, whether answers are here or come', async () => {
    for (const authenticated of both<Authenticated>({ principal }))
      for (const revoked of both(undefined))
        for (const where of both<Refusable<Tenancy>>(tenancy)) {
          const { ask } = world({ authenticated, revoked, tenancy: () => where });
          expect(await ask()).toEqual({ effect: 'allow', ...caller });
        }
    expect(world({}).ask()).not.toBeInstanceOf(Promise);
  });

  test.each<[CredentialKind, Parameters<typeof accessRequest>[0]]>([
    ['api_key', { headers: { 'x-api-key': 'key' } }],
    ['session', { headers: {}, cookies: [['token', 't.s']] }],
    ['extension_token', { headers: { authorization: 'Bearer a.b.c' } }],
  ])('has its %s authenticated by who knows that kind, now, from where it comes', async (kind, request) => {
    const { ask, did } = world({});
    await ask({ ...request, sourceAddress: '192.0.2.7' });
    expect(did('authenticate')).toEqual([['authenticate', kind, kind, now, '192.0.2.7']]);
  });

  test('without a credential of good form asks for nothing', () => {
    const { ask, calls } = world({});
    expect(ask({ headers: {} })).toEqual(deny('credential_missing'));
    expect(calls).toEqual([]);
  });

  test('on a credential that is nobody’s says its kind, and asks for nothing more', async () => {
    for (const authenticated of both<Refusable<Authenticated>>(deny('credential_unknown'))) {
      const { ask, did } = world({ authenticated });
      expect(await ask()).toEqual({ ...deny('credential_unknown'), credentialKind: 'api_key' });
      expect([did('revoked'), did('organization'), did('remember')]).toEqual([[], [], []]);
    }
  });
});

describe('of several reasons to refuse, the one that is told is', () => {
  const standing = deny('installation_inactive');
  const elsewhere = deny('organization_forbidden');
  test.each<[string, DenialReason, boolean, boolean, boolean, string]>([
    ['that it was revoked', 'credential_revoked', true, true, true, '/v1/none'],
    ['that it no longer stands', 'installation_inactive', false, true, true, '/v1/none'],
    ['its organization', 'organization_forbidden', false, false, true, '/v1/none'],
    ['the route', 'route_unlisted', false, false, false, '/v1/none'],
  ])('%s', async (_, reason, isRevoked, isGone, isElsewhere, path) => {
    const { ask, did } = world({
      authenticated: { principal, ...(isGone ? { standing } : {}) },
      ...(isRevoked ? { revoked: deny('credential_revoked') } : {}),
      ...(isElsewhere ? { tenancy: () => elsewhere } : {}),
    });
    const refused = await ask({ path });
    expect(refused).toEqual({ ...deny(reason), ...who, ...(isElsewhere ? {} : { organization }) });
    // What nobody may do in a place is not remembered of the place.
    expect(did('remember')).toHaveLength(isElsewhere ? 0 : 1);
  });
});

describe('what an organization has to do with it:', () => {
  test('the one that is asked for is looked for among the caller’s, and a header that names two is refused', async () => {
    const one = world({});
    await one.ask({ headers: { 'x-api-key': 'key', 'x-tenant-id': 'acme-corp' } });
    expect(one.did('organization')).toEqual([['organization', 'key-1', 'acme-corp']]);
    const two = world({ remembered: caller });
    expect(await two.ask({ headers: { 'x-api-key': 'key', 'x-tenant-id': 'acme,globex' } })).toEqual({
      ...deny('organization_ambiguous'),
      ...who,
    });
    expect([two.did('organization'), two.did('recall'), two.did('remember')]).toEqual([[], [], []]);
  });

  test('where it acts is told to the credential only when none was asked for', async () => {
    const acted: unknown[] = [];
    const { ask } = world({ authenticated: { principal, acts: (where) => acted.push(where) } });
    await ask({ headers: { 'x-api-key': 'key', 'x-tenant-id': 'acme-corp' } });
    expect(acted).toEqual([]);
    await ask();
    expect(acted).toEqual([expect.objectContaining({ organization })]);
  });

  test('a credential that turned out to be another one is resolved, decided and remembered as that one', async () => {
    const changed: Principal = { ...principal, credentialId: 'key-now', scopes: ['records:read'] };
    for (const standing of both<Standing>({ principal: changed })) {
      const { ask, did } = world({ authenticated: { principal, standing } });
      expect(await ask()).toEqual({
        effect: 'allow',
        principal: changed,
        ...tenancy,
        scopes: ['records:read'],
      });
      expect(did('organization').map(([, id]) => id)).toEqual(['key-1', 'key-now']);
      expect(did('remember')[0]?.[3]).toMatchObject({ principal: changed });
    }
    const nowhere = world({
      authenticated: { principal, standing: { principal: changed } },
      tenancy: (of) => (of === changed ? deny('organization_forbidden') : tenancy),
    });
    expect(await nowhere.ask()).toEqual({ ...deny('organization_forbidden'), ...who, principal: changed });
  });

  test('what was granted there limits the scopes', async () => {
    const { ask } = world({ authenticated: { principal, standing: { grant: ['records:read'] } } });
    expect(await ask()).toMatchObject({ effect: 'allow', scopes: ['records:read'] });
  });
});

describe('a caller is remembered', () => {
  test('until the first fact ends that it was made from, its own expiry among them', async () => {
    const session: Principal = { ...principal, credentialKind: 'session' };
    const ends = async (expiresAt?: number): Promise<unknown> => {
      const { ask, did } = world({
        authenticated: { principal: { ...session, ...(expiresAt === undefined ? {} : { expiresAt }) } },
      });
      await ask({ headers: {}, cookies: [['token', 't.s']] });
      return did('remember')[0]?.[4];
    };
    expect(await ends()).toBe(now + 7000);
    expect(await ends(now / 1000 + 60)).toBe(now + 7000);
    expect(await ends(now / 1000 + 5)).toBe(now + 5000);
  });

  test('for the credential and the organization it asked for', async () => {
    const { ask, did } = world({});
    await ask({ headers: { 'x-api-key': 'key', 'x-tenant-id': 'acme-corp' } });
    expect(did('recall')).toEqual([['recall', 'api_key', 'acme-corp', now]]);
    expect(did('remember')).toEqual([['remember', 'api_key', 'acme-corp', caller, Infinity, now]]);
  });

  test('and then answered at once, without asking who it is, but never without asking what it wants', () => {
    const { ask, did } = world({ remembered: caller });
    expect(ask()).toEqual({ effect: 'allow', ...caller, remembered: caller });
    expect(ask({ path: '/v1/none' })).toEqual({ ...deny('route_unlisted'), ...who, organization });
    expect([did('authenticate'), did('revoked'), did('organization'), did('remember')]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });
});

test('an answer that fails is no decision', async () => {
  const fails = (): Promise<never> => Promise.reject(new Error('No answer'));
  for (const given of [
    (): Given => ({ authenticated: fails() }),
    (): Given => ({ revoked: fails() }),
    (): Given => ({ tenancy: fails }),
    (): Given => ({ authenticated: { principal, standing: fails() } }),
  ]) {
    const { ask, did } = world(given());
    await expect(ask()).rejects.toThrow('No answer');
    expect(did('remember')).toEqual([]);
  }
});
