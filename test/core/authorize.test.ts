import { describe, expect, test } from '@jest/globals';
import { authorize, callerOf } from '../../lambda/core/authorize.ts';
import type { Caller, Principal, Tenancy } from '../../lambda/core/model.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import { routes } from '../../lambda/core/routes.ts';
import { accessRequest } from '../support/request.ts';
import { complete } from './replay.ts';

const organization = { id: 'org-1', slug: 'acme-corp' };
const memberOf = (role: string): Tenancy => ({ organization, role });
const principal = (given: Partial<Principal> = {}): Principal => ({
  owner: { kind: 'user', id: 'user-1' },
  credentialKind: 'api_key',
  credentialId: 'key-1',
  scopes: null,
  ...given,
});
const organizationKey = (scopes: Principal['scopes']): Principal =>
  principal({ owner: { kind: 'organization', id: 'org-1' }, scopes });
const scopesOf = (...given: Parameters<typeof callerOf>) => callerOf(...given).scopes;

describe('effective scopes', () => {
  test('of a credential without its own are those of the role', () => {
    expect(scopesOf(principal(), memberOf('owner'))).toEqual(['*']);
    expect(scopesOf(principal(), memberOf('auditor'))).toEqual([]);
  });

  test('are cut to the role: a key made by an owner who was demoted keeps none of the owner', () => {
    const key = principal({ scopes: ['records:read', 'extensions:manage'] });
    expect(scopesOf(key, memberOf('owner'))).toEqual(['records:read', 'extensions:manage']);
    expect(scopesOf(key, memberOf('member'))).toEqual(['records:read']);
    expect(scopesOf(key, memberOf(''))).toEqual([]);
  });

  test('are cut to the grant of the installation', () => {
    const token = principal({ scopes: ['records:read', 'actions:invoke'] });
    expect(scopesOf(token, memberOf('owner'), ['records:read:contact'])).toEqual(['records:read:contact']);
    expect(scopesOf(token, memberOf('owner'), [])).toEqual([]);
    expect(scopesOf(token, memberOf('owner'), ['*'])).toEqual(['records:read', 'actions:invoke']);
  });

  test('of a credential with none of its own are none', () => {
    expect(scopesOf(principal({ scopes: [] }), memberOf('owner'))).toEqual([]);
  });

  test("of an organization's key are its own alone, and never manage extensions", () => {
    expect(scopesOf(organizationKey(['records:read']), { organization })).toEqual(['records:read']);
    expect(scopesOf(organizationKey(null), { organization })).toEqual([]);
    expect(scopesOf(organizationKey(['extensions:manage', 'records:read']), { organization })).toEqual([
      'records:read',
    ]);
    expect(scopesOf(organizationKey(['*']), { organization })).toEqual([]);
  });
});

describe('a request is', () => {
  const table = routeTable(routes);
  const trusted = compileOrigins(['https://app.example.com']);
  const ask = (who: Caller, given: Parameters<typeof accessRequest>[0]) => {
    const decision = authorize(who, accessRequest(given), table, trusted);
    return decision.effect === 'allow' ? 'allow' : decision.reason;
  };
  const key = callerOf(principal(), memberOf('owner'));
  const session = callerOf(principal({ credentialKind: 'session' }), memberOf('owner'));
  const token = callerOf(principal({ credentialKind: 'extension_token' }), memberOf('owner'));
  const reader = callerOf(principal({ scopes: ['records:read:contact'] }), memberOf('owner'));

  test('route_unlisted when its path is no route, whoever asks', () => {
    expect(ask(key, { path: '/v1/secrets' })).toBe('route_unlisted');
    expect(ask(key, { path: '/v1/whoami/' })).toBe('route_unlisted');
    expect(ask(key, { method: 'DELETE' })).toBe('route_unlisted');
  });

  test('route_unlisted when the gateway matched another resource than we did', () => {
    expect(ask(key, { resource: '/v1/whoami' })).toBe('allow');
    expect(ask(key, { resource: '/v1/records/{entity}' })).toBe('route_unlisted');
    expect(ask(key, { resource: '/{proxy+}' })).toBe('route_unlisted');
  });

  test('credential_kind_not_accepted where its kind is not, even with every scope', () => {
    const actions = {
      method: 'POST',
      path: '/api/actions/execute',
      headers: { origin: 'https://app.example.com' },
    };
    expect(ask(key, actions)).toBe('credential_kind_not_accepted');
    expect(ask(session, actions)).toBe('credential_kind_not_accepted');
    expect(ask(token, actions)).toBe('allow');
    expect(ask(token, { path: '/v1/records/contact' })).toBe('credential_kind_not_accepted');
    expect(ask(key, { method: 'POST', path: '/v1/extensions/x/token' })).toBe('credential_kind_not_accepted');
  });

  test('address_not_allowed from an address that is refused, on every route, and the policy opens none', () => {
    const elsewhere = callerOf(principal({ addressAllowed: false }), memberOf('owner'));
    const there = callerOf(principal({ addressAllowed: true }), memberOf('owner'));
    for (const path of ['/v1/whoami', '/v1/records/contact']) {
      expect(ask(elsewhere, { path })).toBe('address_not_allowed');
      expect(ask(there, { path })).toBe('allow');
    }
    expect(complete(elsewhere, accessRequest(), table, trusted).Statement).toEqual([]);
  });

  test('scope_insufficient without the scope of its entity', () => {
    expect(ask(reader, { path: '/v1/records/contact' })).toBe('allow');
    expect(ask(reader, { path: '/v1/records/contacts' })).toBe('scope_insufficient');
    expect(ask(reader, { method: 'POST', path: '/v1/records/contact' })).toBe('scope_insufficient');
    expect(ask(reader, {})).toBe('allow');
  });

  test('origin_untrusted by session alone', () => {
    const write = { method: 'POST', path: '/v1/records/contact' };
    expect(ask(session, write)).toBe('origin_untrusted');
    expect(ask(session, { ...write, headers: { origin: 'https://evil.test' } })).toBe('origin_untrusted');
    expect(ask(session, { ...write, headers: { origin: 'https://app.example.com' } })).toBe('allow');
    expect(ask(session, { headers: { origin: 'https://evil.test' } })).toBe('origin_untrusted');
    expect(ask(key, { ...write, headers: { origin: 'https://evil.test' } })).toBe('allow');
  });
});
