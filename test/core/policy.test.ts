import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { callerOf } from '../../lambda/core/authorize.ts';
import { completePolicy, denyPolicy, requestedPolicy } from '../../lambda/core/policy.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import { routes } from '../../lambda/core/routes.ts';
import { isAllowed } from '../support/iam.ts';
import { accessRequest, api } from '../support/request.ts';
import { runs } from '../support/runs.ts';
import { caller, circumstances, trusted } from './arbitrary.ts';
import { complete, fresh, replayed, toRoute } from './replay.ts';

const table = routeTable(routes);
const otherStage = api.replace('/prod', '/test');
const otherApi = api.replace('a1b2c3d4e5', 'zzzzzzzzzz');

const world = fc
  .tuple(caller, circumstances)
  .chain(([who, given]) =>
    fc.tuple(fc.constant(who), fc.constant(given), ...routes.map((route) => toRoute(route, given))),
  );

describe('the complete policy', () => {
  test('replayed on any route and value of its parameters is the fresh decision', () => {
    fc.assert(
      fc.property(world, ([who, given, ...requests]) => {
        const policy = complete(who, given, table, trusted);
        for (const request of requests) expect(replayed(policy, request)).toBe(fresh(who, request, table));
      }),
      runs(400),
    );
  });

  test('allows nothing on another API or stage', () => {
    fc.assert(
      fc.property(world, ([who, given, ...requests]) => {
        const policy = complete(who, given, table, trusted);
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
    const policy = complete(owner, accessRequest(), table, trusted);
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

test('a permission that a key has twice takes no more room in its policy than once', () => {
  const keyWith = (...scopes: readonly string[]) =>
    callerOf(
      { owner: { kind: 'organization', id: 'o' }, credentialKind: 'api_key', credentialId: 'k', scopes },
      { organization: { id: 'o', slug: 's' } },
    );
  const once = completePolicy(keyWith('records:read:deal'), accessRequest(), table, trusted);
  const limit = once?.Statement.flatMap(({ Resource }) => Resource).join('').length ?? 0;
  const twice = keyWith('records:read:deal', 'records:read:deal');
  expect(completePolicy(twice, accessRequest(), table, trusted, limit)).toEqual(once);
  expect(completePolicy(twice, accessRequest(), table, trusted, limit - 1)).toBeUndefined();
});

test('the policy of the requested route names the requested entity alone', () => {
  const key = callerOf(
    {
      owner: { kind: 'organization', id: 'o' },
      credentialKind: 'api_key',
      credentialId: 'k',
      scopes: ['records:read:contact', 'records:read:deal'],
    },
    { organization: { id: 'o', slug: 's' } },
  );
  const policy = requestedPolicy(key, accessRequest({ path: '/v1/records/deal' }), table, trusted);
  expect(policy.Statement.flatMap(({ Resource }) => Resource)).toEqual([`${api}/GET/v1/records/deal`]);
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
    const usual = JSON.stringify(complete(owner, accessRequest(), table, trusted));
    fc.assert(
      fc.property(hostile, fc.constantFrom('GET', 'POST', 'PATCH'), (path, method) => {
        const request = accessRequest({ path, method, id: path, resource: path });
        expect(JSON.stringify(complete(owner, request, table, trusted))).toBe(usual);
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
