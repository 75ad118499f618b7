import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { overlaps, partly, reaches, wildcard } from '../../lambda/core/resource.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import type { Route } from '../../lambda/core/routes.ts';
import { runs } from '../support/runs.ts';

test('a path is written with its values in their places, and a star or itself for what has none', () => {
  const bindings = new Map([['entity', 'deal']]);
  expect(wildcard('/v1/{entity}/{id}/x', bindings)).toBe('/v1/deal/*/x');
  expect(partly('/v1/{entity}/{id}/x', bindings)).toBe('/v1/deal/{id}/x');
  expect(wildcard('/v1/whoami', bindings)).toBe('/v1/whoami');
});

const longer = (text: string): readonly string[] =>
  text.length === 4 ? [text] : [text, ...longer(`${text}a`), ...longer(`${text}b`)];

/** Every text of `a` and `b` of one to four characters. */
const values = [...longer('a'), ...longer('b')];

/** Paths of a template, by trying. No pattern below has more than four characters that a value could need. */
function instances(template: string): readonly string[] {
  return template.includes('{')
    ? values.flatMap((value) => instances(template.replace(/\{[a-z]+\}/, value)))
    : [template];
}

test('a pattern reaches a route exactly when it matches one of its paths, found by trying them', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '/', '*'), { maxLength: 4 })
    .map((characters) => `/${characters.join('')}`);
  const template = fc
    .array(fc.constantFrom('a', 'b', 'ab', '{x}'), { minLength: 1, maxLength: 3 })
    .filter((segments) => segments.filter((segment) => segment === '{x}').length < 3)
    .map((segments) => `/${segments.map((segment, at) => segment.replace('x', 'xyz'[at] ?? 'x')).join('/')}`);
  fc.assert(
    fc.property(pattern, template, (given, path) => {
      const matching = new RegExp(`^${given.replaceAll('*', '.*')}$`);
      expect([given, path, reaches(given, path)]).toEqual([
        given,
        path,
        instances(path).some((instance) => matching.test(instance)),
      ]);
    }),
    runs(1000),
  );
});

describe('routes that a resource opens besides its own', () => {
  const route = (path: string, method: Route['method'] = 'GET'): Route => ({
    method,
    path,
    accepts: ['api_key'],
    endpoint: 'records',
  });
  const entity = route('/v1/{entity}');
  const below = route('/v1/{entity}/items/{id}');
  const literal = route('/v1/a');
  const table = routeTable([entity, below, literal, route('/v1/{entity}', 'POST'), route('/v2/a')]);

  test('are those a star reaches, of the same method', () => {
    expect(new Set(overlaps(table, entity, '/v1/*'))).toEqual(new Set([below, literal]));
    expect(overlaps(table, below, '/v1/*/items/*')).toEqual([]);
    expect(overlaps(table, below, '/v1/*/items/7')).toEqual([]);
  });

  test('are none where there is no star', () => {
    expect(overlaps(table, entity, '/v1/a')).toEqual([]);
    expect(overlaps(table, entity, '/v1/deal')).toEqual([]);
  });
});
