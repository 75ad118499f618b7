import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { allows, covers, intersect, isScope, scopesOfRole } from '../../lambda/core/scopes.ts';
import { runs } from '../support/runs.ts';

describe('a scope', () => {
  test.each([
    ['records:read'],
    ['records:read:contact'],
    ['a:b:c'],
    [`r:a:${'e'.repeat(64)}`],
    ['records:read:my-thing_2'],
  ])('%s is one', (scope) => expect(isScope(scope)).toBe(true));

  test.each([
    ['*'],
    ['records'],
    ['records:*'],
    ['records:read:*'],
    ['records:read:contact:name'],
    ['records::contact'],
    ['records:read:'],
    [':read'],
    [''],
    ['Records:read'],
    ['records:read contact'],
    ['records:read\n'],
    ['records:read:1st'],
    [`r:a:${'e'.repeat(65)}`],
    [null],
    [1],
    [['records:read']],
  ])('%j is none', (scope) => expect(isScope(scope)).toBe(false));
});

describe('covering', () => {
  test('fewer segments cover all below, and never a longer word', () => {
    expect(covers('records:read', 'records:read:contact')).toBe(true);
    expect(covers('records:read', 'records:read')).toBe(true);
    expect(covers('records:read', 'records:readall')).toBe(false);
    expect(covers('records:read', 'records:write:contact')).toBe(false);
    expect(covers('records:read:contact', 'records:read')).toBe(false);
    expect(covers('records:read:con', 'records:read:contact')).toBe(false);
  });

  test('nothing granted covers nothing', () => expect(allows([], 'records:read')).toBe(false));
});

const word = fc.constantFrom('a', 'b', 'ab');
const scope = fc
  .tuple(word, word, fc.option(word, { nil: undefined }))
  .map((parts) => parts.filter((part) => part !== undefined).join(':'));
const grants = fc.array(fc.oneof(scope, fc.constant('*')), { maxLength: 6 });

test('an intersection grants exactly what both sides grant', () => {
  fc.assert(
    fc.property(grants, grants, scope, (left, right, required) => {
      expect(allows(intersect(left, right), required)).toBe(
        allows(left, required) && allows(right, required),
      );
    }),
    runs(500),
  );
});

test('an intersection has no scope that another one in it covers', () => {
  fc.assert(
    fc.property(grants, grants, (left, right) => {
      const both = intersect(left, right);
      for (const one of both)
        for (const other of both) if (one !== other) expect(covers(one, other)).toBe(false);
    }),
    runs(200),
  );
});

describe('roles', () => {
  test('give what the contract says', () => {
    expect(scopesOfRole('owner')).toEqual(['*']);
    expect(scopesOfRole('admin')).toEqual(['*']);
    expect([...scopesOfRole('member')].sort()).toEqual([
      'actions:invoke',
      'extensions:use',
      'realtime:connect',
      'records:read',
      'records:write',
    ]);
  });

  test('separated by commas give their union', () => {
    expect(scopesOfRole('member,admin')).toEqual(['*']);
    expect(scopesOfRole('member, auditor')).toEqual(scopesOfRole('member'));
    expect(scopesOfRole('auditor, member')).toEqual(scopesOfRole('member'));
  });

  test.each([[''], ['auditor'], ['Owner'], ['owner member'], ['*'], ['__proto__'], ['constructor'], [',']])(
    'the unknown role %j gives nothing',
    (role) => expect(scopesOfRole(role)).toEqual([]),
  );
});
