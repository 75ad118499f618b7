import { describe, expect, test } from '@jest/globals';
import { agree, openings } from '../../lambda/core/openings.ts';
import type { Route } from '../../lambda/core/routes.ts';

const route = (path: string, scope?: string): Route => ({
  method: 'GET',
  path,
  accepts: ['api_key'],
  endpoint: 'records',
  ...(scope === undefined ? {} : { scope }),
});
const records = route('/v1/records/{entity}', 'records:read:{entity}');
const opened = (of: Route, ...scopes: readonly string[]) =>
  openings(of, scopes).map((bindings) => Object.fromEntries(bindings));
const whole = [{}];

describe('a route is open', () => {
  test('as a whole to everybody when it requires no scope', () => {
    expect(opened(route('/v1/whoami'))).toEqual(whole);
    expect(opened(route('/v1/whoami'), 'other:thing')).toEqual(whole);
  });

  test('as a whole to the scope of its resource and action, and to everything', () => {
    expect(opened(records, 'records:read')).toEqual(whole);
    expect(opened(records, '*')).toEqual(whole);
    expect(opened(route('/x', 'actions:invoke'), 'actions:invoke')).toEqual(whole);
  });

  test('in the values its scopes name, and in no other', () => {
    expect(opened(records, 'records:read:deal')).toEqual([{ entity: 'deal' }]);
    expect(opened(records, 'records:read:deal', 'other:thing', 'records:read:contact')).toEqual([
      { entity: 'deal' },
      { entity: 'contact' },
    ]);
  });

  test('as a whole, and in no value besides, when one scope opens the whole of it', () => {
    expect(opened(records, 'records:read:deal', 'records:read', 'records:read:contact')).toEqual(whole);
  });

  test('in any value that a scope names where the path limits it to none', () => {
    expect(opened(route('/a/{x}', 'a:read:{x}'), 'a:read:Any-1')).toEqual([{ x: 'Any-1' }]);
  });
});

describe('a route is closed', () => {
  test.each([
    ['no scope', []],
    ['another action', ['records:write']],
    ['another resource', ['record:read', 'records:readall']],
    ['another action on its entity', ['records:write:deal']],
    ['more words than it has', ['records:read:deal:name']],
    ['an entity that no path can have', ['records:read:Deal', 'records:read:1st', 'records:read:']],
    ['a star for an entity', ['records:read:*']],
  ])('to %s', (_, scopes) => expect(opened(records, ...scopes)).toEqual([]));

  test.each(['a:of-{x}', 'a:{x}-of'])('to a value of a parameter that is a part of a word: %s', (scope) => {
    expect(opened(route('/a/{x}', scope), 'a:deal', 'a:of-deal', 'a:deal-of')).toEqual([]);
  });

  test('to a narrower scope than it requires', () => {
    expect(opened(route('/x', 'actions:invoke'), 'actions:invoke:contact')).toEqual([]);
  });
});

test('a value opens what asks for it, and an open whole opens all', () => {
  const asked = new Map([
    ['entity', 'deal'],
    ['id', '1'],
  ]);
  expect(agree(new Map(), asked)).toBe(true);
  expect(agree(new Map([['entity', 'deal']]), asked)).toBe(true);
  expect(agree(new Map([['entity', 'contact']]), asked)).toBe(false);
  expect(
    agree(
      new Map([
        ['entity', 'deal'],
        ['id', '2'],
      ]),
      asked,
    ),
  ).toBe(false);
  expect(agree(new Map([['other', 'deal']]), asked)).toBe(false);
});
