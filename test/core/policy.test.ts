import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { authorize, callerOf } from '../../lambda/core/authorize.ts';
import type { AccessRequest, Caller } from '../../lambda/core/model.ts';
import {
  completePolicy,
  denyPolicy,
  requestedPolicy,
  type PolicyDocument,
} from '../../lambda/core/policy.ts';
import { matchRoute, routeTable, type RouteTable } from '../../lambda/core/route-table.ts';
import { routes, type Route } from '../../lambda/core/routes.ts';
import { isAllowed, matches } from '../support/iam.ts';
import { accessRequest, api } from '../support/request.ts';
import { runs } from '../support/runs.ts';
import { caller, circumstances, pathOf, routeList, trusted } from './arbitrary.ts';

const table = routeTable(routes);
const otherStage = api.replace('/prod', '/test');
const otherApi = api.replace('a1b2c3d4e5', 'zzzzzzzzzz');

const fresh = (who: Caller, request: AccessRequest, of: RouteTable): boolean =>
  authorize(who, request, of, trusted).effect === 'allow';
/** The ARN of a WebSocket's `$connect` has no method and no path. */
const replayed = (policy: PolicyDocument, { method, path }: AccessRequest, at = api): boolean =>
  isAllowed(policy, method === '$connect' ? `${at}/$connect` : `${at}/${method}${path}`);

/** A request to a route, in the circumstances given. */
const toRoute = (route: Route, given: AccessRequest) =>
  pathOf(route).map((path): AccessRequest => Object.assign({}, given, { method: route.method, path }));

const world = fc
  .tuple(caller, circumstances)
  .chain(([who, given]) =>
    fc.tuple(fc.constant(who), fc.constant(given), ...routes.map((route) => toRoute(route, given))),
  );

describe('the complete policy', () => {
  test('replayed on any route and value of its parameters is the fresh decision', () => {
    fc.assert(
      fc.property(world, ([who, given, ...requests]) => {
        const policy = completePolicy(who, given, table, trusted);
        for (const request of requests) expect(replayed(policy, request)).toBe(fresh(who, request, table));
      }),
      runs(400),
    );
  });

  test('allows nothing on another API or stage', () => {
    fc.assert(
      fc.property(world, ([who, given, ...requests]) => {
        const policy = completePolicy(who, given, table, trusted);
        for (const request of requests) {
          expect(replayed(policy, request, otherApi)).toBe(false);
          expect(replayed(policy, request, otherStage)).toBe(false);
        }
      }),
      runs(100),
    );
  });

  test('allows no method and no path that no route has', () => {
    const owner = callerOf(
      { owner: { kind: 'user', id: 'u' }, credentialKind: 'api_key', credentialId: 'k', scopes: null },
      { organization: { id: 'o', slug: 's' }, role: 'owner' },
    );
    const policy = completePolicy(owner, accessRequest(), table, trusted);
    for (const path of [
      '/',
      '/v1',
      '/v1/records',
      '/v1/whoam',
      '/v1/whoami2',
      '/v2/whoami',
      '/api/auth/sign-in',
    ]) {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
        expect(replayed(policy, accessRequest({ method, path }))).toBe(false);
      }
    }
    expect(replayed(policy, accessRequest({ method: 'PATCH', path: '/v1/records/contact' }))).toBe(false);
  });
});

describe('the policy of the requested route', () => {
  test('allows that route as the fresh decision does, and no other route', () => {
    fc.assert(
      fc.property(world, ([who, , ...requests]) => {
        for (const requested of requests.filter((request) => fresh(who, request, table))) {
          const policy = requestedPolicy(who, requested, table, trusted);
          expect(replayed(policy, requested)).toBe(true);
          for (const request of requests) {
            if (replayed(policy, request)) expect(fresh(who, request, table)).toBe(true);
          }
        }
      }),
      runs(200),
    );
  });
});

describe('no byte of the request is in a policy', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      '*',
      '/*',
      '/v1/*',
      '/v1/records/*',
      '/v1/records/?',
      '/v1/records/${aws:username}',
      '/v1/records/%2A',
    ),
    fc.string({ minLength: 3 }).map((text) => `/v1/records/zq${text}`),
  );
  const owner = callerOf(
    { owner: { kind: 'user', id: 'u' }, credentialKind: 'api_key', credentialId: 'k', scopes: null },
    { organization: { id: 'o', slug: 's' }, role: 'owner' },
  );

  test('whatever the path: policies of two requests on one API are equal', () => {
    const usual = JSON.stringify(completePolicy(owner, accessRequest(), table, trusted));
    fc.assert(
      fc.property(hostile, fc.constantFrom('GET', 'POST', 'PATCH'), (path, method) => {
        const request = accessRequest({ path, method, id: path, resource: path });
        expect(JSON.stringify(completePolicy(owner, request, table, trusted))).toBe(usual);
        expect(JSON.stringify(denyPolicy(request.api))).toBe(JSON.stringify(denyPolicy(api)));
        expect(JSON.stringify(requestedPolicy(owner, request, table, trusted))).not.toContain('zq');
      }),
      runs(200),
    );
  });
});

test('a refusal denies everything on the API and stage of the request', () => {
  const policy = denyPolicy(api);
  expect(policy.Statement).toEqual([
    { Effect: 'Deny', Action: 'execute-api:Invoke', Resource: [`${api}/*`] },
  ]);
  const open = {
    ...policy,
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }, ...policy.Statement],
  };
  for (const { method, path } of routes) expect(isAllowed(open, `${api}/${method}${path}`)).toBe(false);
});

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

  test('a policy allows nothing that a fresh decision refuses', () => {
    fc.assert(
      fc.property(tables, ({ list, who, given, requests }) => {
        const any = routeTable(list);
        const policy = completePolicy(who, given, any, trusted);
        for (const request of requests.filter(({ method, path }) => matchRoute(any, method, path))) {
          if (replayed(policy, request)) expect(fresh(who, request, any)).toBe(true);
        }
      }),
      runs(1000),
    );
  });

  /** In how many routes' patterns, every parameter a `*`, a request lies. */
  const patternsOver = (list: readonly Route[], { method, path }: AccessRequest): number =>
    list.filter((route) => route.method === method && matches(route.path.replace(/\{\w+\}/g, '*'), path))
      .length;

  test('a policy allows all that a fresh decision allows, where the patterns of two routes do not meet', () => {
    fc.assert(
      fc.property(tables, ({ list, who, given, requests }) => {
        const any = routeTable(list);
        const policy = completePolicy(who, given, any, trusted);
        for (const request of requests) {
          if (patternsOver(list, request) === 1 && fresh(who, request, any)) {
            expect(replayed(policy, request)).toBe(true);
          }
        }
      }),
      runs(1000),
    );
  });

  test('where they meet, a Deny for one route may close another: stricter, never looser', () => {
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
    const policy = completePolicy(key, accessRequest(), met, trusted);
    expect(fresh(key, accessRequest({ path: '/a/a' }), met)).toBe(true);
    expect(replayed(policy, accessRequest({ path: '/a/a' }))).toBe(false);
    expect(replayed(policy, accessRequest({ path: '/b/a' }))).toBe(false);
    expect(replayed(policy, accessRequest({ path: '/b' }))).toBe(true);
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
    const policy = completePolicy(key, accessRequest(), shadowed, trusted);
    expect(replayed(policy, accessRequest({ path: '/r/contact' }))).toBe(false);
    expect(replayed(policy, accessRequest({ path: '/r/deal' }))).toBe(true);
  });
});

describe('the evaluator these tests trust', () => {
  const policy = (...statements: readonly (readonly [string, string])[]) => ({
    Statement: statements.map(([Effect, Resource]) => ({ Effect, Resource, Action: 'execute-api:Invoke' })),
  });

  test('lets an explicit Deny win, in any order, and nothing through unasked', () => {
    expect(isAllowed(policy(['Allow', 'a']), 'a')).toBe(true);
    expect(isAllowed(policy(['Allow', 'a'], ['Deny', '*']), 'a')).toBe(false);
    expect(isAllowed(policy(['Deny', '*'], ['Allow', 'a']), 'a')).toBe(false);
    expect(isAllowed(policy(), 'a')).toBe(false);
  });

  test('reads * across slashes, ? as one character, and no other character as special', () => {
    expect(isAllowed(policy(['Allow', 'x/*/z']), 'x/a/b/z')).toBe(true);
    expect(isAllowed(policy(['Allow', 'x/*']), 'x/')).toBe(true);
    expect(isAllowed(policy(['Allow', 'x/?']), 'x/a')).toBe(true);
    expect(isAllowed(policy(['Allow', 'x/?']), 'x/')).toBe(false);
    expect(isAllowed(policy(['Allow', 'x/?']), 'x/ab')).toBe(false);
    expect(isAllowed(policy(['Allow', 'x.y']), 'xzy')).toBe(false);
    expect(isAllowed(policy(['Allow', '*a*b']), 'aabab')).toBe(true);
    expect(isAllowed(policy(['Allow', '*a*b']), 'aaba')).toBe(false);
  });
});
