import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { callerOf } from '../../lambda/core/authorize.ts';
import { completePolicy, requestedPolicy } from '../../lambda/core/policy.ts';
import { matchRoute, routeTable } from '../../lambda/core/route-table.ts';
import type { Route } from '../../lambda/core/routes.ts';
import { accessRequest, api } from '../support/request.ts';
import { runs } from '../support/runs.ts';
import { caller, circumstances, routeList, trusted } from './arbitrary.ts';
import { complete, fresh, replayed, toRoute } from './replay.ts';

/** Is there a text that both patterns match? `*` is any run of characters. */
function meet(a: string, b: string): boolean {
  if (a === '' && b === '') return true;
  if (a.startsWith('*')) return meet(a.slice(1), b) || (b !== '' && meet(a, b.slice(1)));
  if (b.startsWith('*')) return meet(b, a);
  return a !== '' && a[0] === b[0] && meet(a.slice(1), b.slice(1));
}

describe('whatever the table', () => {
  const tables = routeList
    .filter((list) => {
      try {
        routeTable(list);
        return true;
      } catch {
        return false;
      }
    })
    .chain((list) =>
      fc.tuple(caller, circumstances).chain(([who, given]) =>
        fc.record({
          list: fc.constant(list),
          who: fc.constant(who),
          given: fc.constant(given),
          requests: fc.tuple(...list.map((route) => toRoute(route, given))),
        }),
      ),
    );

  test('a complete policy is the fresh decision on every route, and another API or stage is never allowed', () => {
    fc.assert(
      fc.property(tables, ({ list, who, given, requests }) => {
        const any = routeTable(list);
        const policy = completePolicy(who, given, any, trusted);
        for (const request of requests.filter(({ method, path }) => matchRoute(any, method, path))) {
          if (policy) expect(replayed(policy, request)).toBe(fresh(who, request, any));
          if (policy) expect(replayed(policy, request, api.replace('/prod', '/test'))).toBe(false);
        }
      }),
      runs(1500),
    );
  });

  test('the policy of a request that is allowed allows it, and nothing that a fresh decision refuses', () => {
    fc.assert(
      fc.property(tables, ({ list, who, requests }) => {
        const any = routeTable(list);
        for (const requested of requests.filter((request) => fresh(who, request, any))) {
          const policy = requestedPolicy(who, requested, any, trusted);
          expect(replayed(policy, requested)).toBe(true);
          for (const request of requests.filter(({ method, path }) => matchRoute(any, method, path))) {
            if (replayed(policy, request)) expect(fresh(who, request, any)).toBe(true);
          }
        }
      }),
      runs(1500),
    );
  });

  const pattern = ({ path }: Route): string => path.replace(/\{\w+\}/g, '*');

  /** Do the patterns of two routes, every parameter a `*`, never meet? */
  const areApart = (list: readonly Route[]): boolean =>
    list.every((route) =>
      list.every(
        (other) => other === route || other.method !== route.method || !meet(pattern(other), pattern(route)),
      ),
    );

  test('there is a complete policy wherever the patterns of no two routes meet', () => {
    fc.assert(
      fc.property(tables, ({ list, who, given }) => {
        fc.pre(areApart(list));
        expect(completePolicy(who, given, routeTable(list), trusted)).toBeDefined();
      }),
      runs(300),
    );
  });

  test('there is none where a Deny for one route would close a part of another', () => {
    const route = (path: string, given: Partial<Route> = {}): Route => ({
      method: 'GET',
      path,
      accepts: ['api_key'],
      endpoint: 'records',
      ...given,
    });
    const met = routeTable([
      route('/{entity}'),
      route('/a/a'),
      route('/{entity}/a', { scope: 'other:thing' }),
    ]);
    const key = callerOf(
      { owner: { kind: 'user', id: 'u' }, credentialKind: 'api_key', credentialId: 'k', scopes: [] },
      { organization: { id: 'o', slug: 's' }, role: 'member' },
    );
    expect(completePolicy(key, accessRequest(), met, trusted)).toBeUndefined();
    const asked = accessRequest({ path: '/a/a' });
    const policy = requestedPolicy(key, asked, met, trusted);
    expect(replayed(policy, asked)).toBe(true);
    expect(replayed(policy, accessRequest({ path: '/b/a' }))).toBe(false);
  });

  test('there is none longer than the limit', () => {
    const owner = callerOf(
      { owner: { kind: 'user', id: 'u' }, credentialKind: 'api_key', credentialId: 'k', scopes: null },
      { organization: { id: 'o', slug: 's' }, role: 'owner' },
    );
    const one = routeTable([{ method: 'GET', path: '/a', accepts: ['api_key'], endpoint: 'records' }]);
    const { length } = `${api}/GET/a`;
    expect(completePolicy(owner, accessRequest(), one, trusted, length)).toBeDefined();
    expect(completePolicy(owner, accessRequest(), one, trusted, length - 1)).toBeUndefined();
  });

  test('an open literal stays open beside a closed parameter', () => {
    const open: Route = { method: 'GET', path: '/r/contact', accepts: ['api_key'], endpoint: 'records' };
    const beside = routeTable([open, { ...open, path: '/r/{entity}', scope: 'other:thing' }]);
    const key = callerOf(
      { owner: { kind: 'user', id: 'u' }, credentialKind: 'api_key', credentialId: 'k', scopes: [] },
      { organization: { id: 'o', slug: 's' }, role: 'member' },
    );
    const policy = complete(key, accessRequest(), beside, trusted);
    expect(replayed(policy, accessRequest({ path: '/r/contact' }))).toBe(true);
    expect(replayed(policy, accessRequest({ path: '/r/deal' }))).toBe(false);
  });

  test('a value that a scope names is not allowed where it is a literal segment of a closed route', () => {
    const entity: Route = {
      method: 'GET',
      path: '/r/{entity}',
      accepts: ['api_key'],
      scope: 'records:read:{entity}',
      endpoint: 'records',
    };
    const shadowed = routeTable([entity, { ...entity, path: '/r/contact', scope: 'other:thing' }]);
    const key = callerOf(
      {
        owner: { kind: 'organization', id: 'o' },
        credentialKind: 'api_key',
        credentialId: 'k',
        scopes: ['records:read:contact', 'records:read:deal'],
      },
      { organization: { id: 'o', slug: 's' } },
    );
    const policy = complete(key, accessRequest(), shadowed, trusted);
    expect(replayed(policy, accessRequest({ path: '/r/contact' }))).toBe(false);
    expect(replayed(policy, accessRequest({ path: '/r/deal' }))).toBe(true);
  });
});
