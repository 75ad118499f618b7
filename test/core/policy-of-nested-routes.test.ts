import { describe, expect, test } from '@jest/globals';
import { callerOf } from '../../lambda/core/authorize.ts';
import { completePolicy, requestedPolicy } from '../../lambda/core/policy.ts';
import { matchRoute, routeTable } from '../../lambda/core/route-table.ts';
import type { Route } from '../../lambda/core/routes.ts';
import { accessRequest, api } from '../support/request.ts';
import { trusted } from './arbitrary.ts';

const route = (path: string, scope?: string): Route => ({
  method: 'GET',
  path,
  accepts: ['api_key'],
  endpoint: 'records',
  ...(scope === undefined ? {} : { scope }),
});
const holding = (...scopes: readonly string[]) =>
  callerOf(
    { owner: { kind: 'organization', id: 'o' }, credentialKind: 'api_key', credentialId: 'k', scopes },
    { organization: { id: 'o', slug: 's' } },
  );
const said = (policy: ReturnType<typeof completePolicy>) =>
  policy?.Statement.flatMap(({ Effect, Resource }) =>
    Resource.map((each) => `${Effect} ${each.replace(`${api}/GET`, '')}`),
  );
const above = route('/a/{entity}', 'records:read:{entity}');
const below = route('/a/{entity}/b', 'records:write:{entity}');
const nested = routeTable([above, below]);
const complete = (scopes: readonly string[], table = nested, limit = Infinity) =>
  said(completePolicy(holding(...scopes), accessRequest(), table, trusted, limit));
const requested = (path: string, scopes: readonly string[], table = nested) =>
  said(requestedPolicy(holding(...scopes), accessRequest({ path }), table, trusted));

describe('of routes below each other', () => {
  test('both open are both allowed, and nothing is denied', () => {
    expect(complete(['records:read', 'records:write'])).toEqual(['Allow /a/*', 'Allow /a/*/b']);
  });

  test('the closed one below is denied, since the star of the open one reaches it', () => {
    expect(complete(['records:read'])).toEqual(['Allow /a/*', 'Deny /a/*/b']);
    expect(requested('/a/x', ['records:read'])).toEqual(['Allow /a/*', 'Deny /a/*/b']);
  });

  test('the closed one above is not reached by the open one below', () => {
    expect(complete(['records:write'])).toEqual(['Allow /a/*/b']);
  });

  test('there is no complete policy when the one below is open in one value: a Deny would close it', () => {
    expect(complete(['records:read', 'records:write:deal'])).toBeUndefined();
  });
});

test('a request that is no route is allowed nothing', () => {
  expect(requested('/a', ['records:read'])).toEqual([]);
  expect(requested('/a/x/c', ['records:read'])).toEqual([]);
});

test('a request that a Deny for another route would close is allowed by its path alone', () => {
  const crossing = routeTable([route('/a/{x}/b', 'records:write'), route('/a/b/{y}', 'records:read')]);
  expect(requested('/a/b/c', ['records:read'], crossing)).toEqual(['Allow /a/b/*', 'Deny /a/*/b']);
  expect(requested('/a/b/b', ['records:read'], crossing)).toEqual(['Allow /a/b/b']);
});

test('a policy longer than its limit is given up, and one as long as it is not', () => {
  const length = `${api}/GET/a/*`.length + `${api}/GET/a/*/b`.length;
  expect(complete(['records:read', 'records:write'], nested, length)).toBeDefined();
  expect(complete(['records:read', 'records:write'], nested, length - 1)).toBeUndefined();
});

test('a policy is of the version that API Gateway knows', () => {
  expect(completePolicy(holding('records:read'), accessRequest(), nested, trusted)?.Version).toBe(
    '2012-10-17',
  );
});

describe('a table', () => {
  test('takes only a whole segment for a parameter', () => {
    const odd = routeTable([route('/x{entity}'), route('/{entity}x')]);
    for (const path of ['/xa', '/ax', '/a']) expect(matchRoute(odd, 'GET', path)).toBeUndefined();
  });

  test('is refused when a scope names a parameter that its path lacks, whatever it is called', () => {
    expect(() => routeTable([route('/a/{x}', 'a:read:{other}')])).toThrow('the scope names {other}');
  });

  test('lets an extension id be one, and no other text that a path could carry', () => {
    const extension = routeTable([route('/e/{extensionId}')]);
    expect(matchRoute(extension, 'GET', '/e/com.example')).toBeDefined();
    for (const id of ['-x', '.x', '_x', '~x', 'x~', 'x'.repeat(65)])
      expect(matchRoute(extension, 'GET', `/e/${id}`)).toBeUndefined();
  });
});
