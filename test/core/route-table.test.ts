import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { matchRoute, requiredScope, routeTable } from '../../lambda/core/route-table.ts';
import { routes, type Route } from '../../lambda/core/routes.ts';
import { runs } from '../support/runs.ts';

const table = routeTable(routes);
const route = (path: string, given: Partial<Route> = {}): Route => ({
  method: 'GET',
  path,
  accepts: ['api_key'],
  endpoint: 'records',
  ...given,
});
const found = (method: string, path: string) => matchRoute(table, method, path)?.route.path;

describe('a path finds its route', () => {
  test.each([
    ['GET', '/v1/whoami', '/v1/whoami'],
    ['GET', '/v1/records/contact', '/v1/records/{entity}'],
    ['POST', '/v1/records/a-b_c9', '/v1/records/{entity}'],
    ['POST', '/api/actions/execute', '/api/actions/execute'],
    [
      'PUT',
      '/v1/extensions/com.example.Mail-Merge/installation',
      '/v1/extensions/{extensionId}/installation',
    ],
    ['POST', '/v1/extensions/x/token', '/v1/extensions/{extensionId}/token'],
    ['$connect', '/', '/'],
  ])('%s %s', (method, path, template) => expect(found(method, path)).toBe(template));

  test('with the scope of its parameter', () => {
    const match = matchRoute(table, 'GET', '/v1/records/contact');
    expect(match && requiredScope(match)).toBe('records:read:contact');
    const whoami = matchRoute(table, 'GET', '/v1/whoami');
    expect(whoami && requiredScope(whoami)).toBeUndefined();
  });
});

describe('no route is found for', () => {
  test.each([
    ['a method it does not have', 'DELETE', '/v1/records/contact'],
    ['a method in lower case', 'get', '/v1/whoami'],
    ['HEAD where there is GET', 'HEAD', '/v1/whoami'],
    ['a trailing slash', 'GET', '/v1/whoami/'],
    ['a trailing slash after a parameter', 'GET', '/v1/records/contact/'],
    ['an empty segment', 'GET', '/v1//whoami'],
    ['an empty first segment', 'GET', '//v1/whoami'],
    ['no leading slash', 'GET', 'v1/whoami'],
    ['nothing', 'GET', ''],
    ['the root', 'GET', '/'],
    ['an encoded unreserved character', 'GET', '/v1/who%61mi'],
    ['an encoded parameter', 'GET', '/v1/records/%63ontact'],
    ['an encoded slash', 'GET', '/v1%2Fwhoami'],
    ['an encoded slash in a parameter', 'GET', '/v1/records/a%2Fb'],
    ['a dot segment', 'GET', '/v1/./whoami'],
    ['two dots', 'GET', '/v1/records/..'],
    ['one dot', 'GET', '/v1/records/.'],
    ['two dots on the way', 'GET', '/v1/records/../whoami'],
    ['encoded dots', 'GET', '/v1/records/%2e%2e'],
    ['dots for an extension', 'POST', '/v1/extensions/../token'],
    ['a star', 'GET', '/v1/records/*'],
    ['a question mark', 'GET', '/v1/records/a?b'],
    ['a dollar', 'GET', '/v1/records/$a'],
    ['a template', 'GET', '/v1/records/{entity}'],
    ['a semicolon', 'GET', '/v1/records/contact;x=1'],
    ['a backslash', 'GET', '/v1\\whoami'],
    ['a NUL', 'GET', '/v1/whoami\u0000'],
    ['a line break', 'GET', '/v1/records/contact\n'],
    ['an upper-case entity', 'GET', '/v1/records/Contact'],
    ['an entity that starts with a digit', 'GET', '/v1/records/1st'],
    ['an entity of 65 characters', 'GET', `/v1/records/${'a'.repeat(65)}`],
    ['an upper-case literal', 'GET', '/V1/whoami'],
    ['more than there is', 'GET', '/v1/whoami/more'],
    ['less than there is', 'GET', '/v1/records'],
    ['an inherited name', 'GET', '/constructor'],
    ['another inherited name', 'GET', '/__proto__/whoami'],
  ])('%s', (_, method, path) => expect(found(method, path)).toBeUndefined());
});

test('a parameter that no pattern limits takes unreserved characters, and no dot segment', () => {
  const any = routeTable([route('/a/{x}')]);
  const taken = (value: string) => matchRoute(any, 'GET', `/a/${value}`)?.parameters.get('x');
  for (const value of ['b', '...', 'A-z_0.9~', 'x'.repeat(255)]) expect(taken(value)).toBe(value);
  for (const value of ['', '.', '..', '%2e', 'a b', '*', '$', ':', '@', 'é', 'x'.repeat(256)])
    expect(taken(value)).toBeUndefined();
});

test('a literal segment wins over a parameter, without going back', () => {
  const mixed = routeTable([route('/a/{x}/c'), route('/a/b/d'), route('/a/{x}')]);
  expect(matchRoute(mixed, 'GET', '/a/z/c')?.route.path).toBe('/a/{x}/c');
  expect(matchRoute(mixed, 'GET', '/a/b/d')?.route.path).toBe('/a/b/d');
  expect(matchRoute(mixed, 'GET', '/a/b/c')).toBeUndefined();
  expect(matchRoute(mixed, 'GET', '/a/b')).toBeUndefined();
});

describe('a table is refused', () => {
  test.each(['/a*', '/a/*', '/a?/{b}'])('with a path in which IAM sees a wildcard: %s', (path) => {
    expect(() => routeTable([route(path)])).toThrow(`${path}: * and ? are wildcards in a policy`);
  });

  test('with one route twice', () => {
    expect(() => routeTable([route('/a'), route('/a')])).toThrow('Route listed twice: GET /a');
    expect(() => routeTable([route('/a'), route('/a', { method: 'POST' })])).not.toThrow();
  });

  test('with two names for one parameter', () => {
    expect(() => routeTable([route('/a/{x}'), route('/a/{y}/b')])).toThrow('{y} is called {x}');
  });

  test('with a scope that names a parameter the path does not have: its value would never be compared', () => {
    expect(() => routeTable([route('/a/{x}', { scope: 'a:read:{y}' })])).toThrow(
      '/a/{x}: the scope names {y}',
    );
  });
});

test('every look-up answers for any method and path, and only with canonical paths', () => {
  const paths = fc.oneof(
    fc.webPath(),
    fc.string(),
    fc
      .array(fc.constantFrom('v1', 'records', 'contact', 'whoami', '..', '', '%2e', '*', '{entity}'), {
        maxLength: 5,
      })
      .map((segments) => `/${segments.join('/')}`),
  );
  fc.assert(
    fc.property(fc.constantFrom('GET', 'POST', 'PUT', '$connect', ''), paths, (method, path) => {
      const match = matchRoute(table, method, path);
      if (!match) return;
      expect(path).toMatch(method === '$connect' ? /^\/$/ : /^(?:\/[A-Za-z0-9._~-]+)+$/);
      expect(new URL(`https://host${path}`).pathname).toBe(path);
      expect(match.route.method).toBe(method);
    }),
    runs(500),
  );
});
