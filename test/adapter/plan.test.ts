import { describe, expect, test } from '@jest/globals';
import { getAuthTables } from 'better-auth/db';
import type { CleanedWhere } from '@better-auth/core/db/adapter';
import { layOut } from '../../lambda/identity/adapter/layout.ts';
import type { Model } from '../../lambda/identity/adapter/model.ts';
import { isSweep, plan } from '../../lambda/identity/adapter/plan.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { NOW, authOptions, later } from './fixture.ts';

const models = layOut(getAuthTables(authOptions), identityLayout);
const model = (name: string): Model => {
  const found = models.get(name);
  if (found === undefined) throw new Error(`no model ${name}`);
  return found;
};
const clause = (
  field: string,
  value: CleanedWhere['value'],
  more: Partial<CleanedWhere> = {},
): CleanedWhere => ({
  field,
  value,
  operator: 'eq',
  connector: 'AND',
  mode: 'sensitive',
  ...more,
});
const or = (field: string, value: CleanedWhere['value']): CleanedWhere =>
  clause(field, value, { connector: 'OR' });

/** The plan of every kind of `where` that Better Auth's own code and plugins send. */
const plans: readonly [string, string, readonly CleanedWhere[], object][] = [
  [
    'a row by its key',
    'user',
    [clause('id', 'u')],
    { kind: 'get', lookup: { via: 'row', key: { pk: 'user#u', sk: '#' } } },
  ],
  [
    'a session by its token: the digest, never the token',
    'session',
    [clause('token', 'secret')],
    {
      kind: 'get',
      lookup: { via: 'row', key: { pk: 'session#K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols', sk: '#' } },
    },
  ],
  [
    'a row by a unique field',
    'user',
    [clause('email', 'e')],
    { kind: 'get', lookup: { via: 'pointer', key: { pk: 'user.email#e', sk: '#' } } },
  ],
  [
    'an API key by its hash',
    'apikey',
    [clause('key', 'h')],
    { kind: 'get', lookup: { via: 'row', key: { pk: 'apikey#h', sk: '#' } } },
  ],
  [
    'an API key by its id',
    'apikey',
    [clause('id', 'k')],
    { kind: 'get', lookup: { via: 'pointer', key: { pk: 'apikey.id#k', sk: '#' } } },
  ],
  [
    'a membership by user and organization, in either order',
    'member',
    [clause('organizationId', 'o'), clause('userId', 'u')],
    { kind: 'get', lookup: { via: 'row', key: { pk: 'member.userId#u', sk: 'o' } } },
  ],
  [
    'the memberships of a user',
    'member',
    [clause('userId', 'u')],
    { kind: 'query', collections: [{ pk: 'member.userId#u', of: 'rows' }], exact: true },
  ],
  [
    'the members of an organization with a role',
    'member',
    [clause('organizationId', 'o'), clause('role', 'owner')],
    { kind: 'query', collections: [{ pk: 'member.organizationId#o', of: 'edges' }], exact: false },
  ],
  [
    'rows by many ids, each once',
    'user',
    [clause('id', ['a', 'b', 'a'], { operator: 'in' })],
    {
      kind: 'batchGet',
      lookups: [
        { via: 'row', key: { pk: 'user#a', sk: '#' } },
        { via: 'row', key: { pk: 'user#b', sk: '#' } },
      ],
    },
  ],
  [
    'rows by alternatives that each lead somewhere',
    'user',
    [or('id', 'a'), or('email', 'e')],
    {
      kind: 'batchGet',
      lookups: [
        { via: 'row', key: { pk: 'user#a', sk: '#' } },
        { via: 'pointer', key: { pk: 'user.email#e', sk: '#' } },
      ],
    },
  ],
  [
    'a required key beside alternatives that lead nowhere',
    'user',
    [clause('id', 'a'), or('name', 'x'), or('name', 'y')],
    { kind: 'get', lookup: { via: 'row', key: { pk: 'user#a', sk: '#' } } },
  ],
  ['no value at all', 'user', [clause('id', [], { operator: 'in' })], { kind: 'nothing' }],
];

describe('a where is planned as', () => {
  test.each(plans)('%s', (_, name, where, expected) => {
    expect(plan(model(name), where)).toEqual(expected);
  });

  test('a look at verifications by the digest of their identifier', () => {
    const planned = plan(model('verification'), [clause('identifier', 'reset-password:secret')]);
    expect(planned).toMatchObject({ kind: 'query', collections: [{ of: 'edges' }] });
    expect(JSON.stringify(planned)).not.toContain('secret');
  });
});

const refusals: readonly [string, readonly CleanedWhere[], string][] = [
  [
    'user',
    [clause('name', 'private'), clause('image', 'private', { operator: 'starts_with' })],
    'dynamodb adapter: user where name eq, image starts_with would read the whole table. ' +
      'Served are eq and in on id, email; or name name or image under "unique" or "lists" in the layout of user.',
  ],
  [
    'user',
    [clause('email', 'private', { mode: 'insensitive' })],
    'dynamodb adapter: user where email insensitive eq would read the whole table. ' +
      'Served are eq and in on id, email; or name email under "unique" or "lists" in the layout of user.',
  ],
  [
    'user',
    [],
    'dynamodb adapter: user where (nothing) would read the whole table. Served are eq and in on id, email; ' +
      'or set "small" in the layout of user, if it will always have few rows.',
  ],
  [
    'member',
    [clause('role', 'owner')],
    'dynamodb adapter: member where role eq would read the whole table. Served are eq and in on ' +
      'userId (with or without organizationId), id, organizationId; or name role under "unique" or "lists" in the layout of member.',
  ],
  [
    'session',
    [clause('token', 'private', { operator: 'ne' })],
    'dynamodb adapter: session where token ne would read the whole table. ' +
      'Served are eq and in on token, id, userId; or name token under "unique" or "lists" in the layout of session.',
  ],
  [
    'user',
    [or('id', 'a'), or('name', 'private')],
    'dynamodb adapter: user where id eq, name eq would read the whole table. ' +
      'Served are eq and in on id, email; or name id or name under "unique" or "lists" in the layout of user.',
  ],
  [
    'user',
    [clause('email', null)],
    'dynamodb adapter: user where email eq would read the whole table. ' +
      'Served are eq and in on id, email; or name email under "unique" or "lists" in the layout of user.',
  ],
];

describe('a where that would need a scan is refused', () => {
  test.each(refusals)('%s: naming the fields and what serves them, never a value', (name, where, message) => {
    expect(plan(model(name), where)).toEqual({ kind: 'refuse', message });
    expect(message).not.toContain('private');
  });
});

describe('a sweep of expired rows', () => {
  const before = (
    value: CleanedWhere['value'],
    more: readonly CleanedWhere[] = [],
  ): readonly CleanedWhere[] => [clause('expiresAt', value, { operator: 'lt' }), ...more];
  test('is recognised where Better Auth sends one', () => {
    expect(isSweep(model('verification'), before(later(0)), NOW)).toBe(true);
    expect(isSweep(model('verification'), before(later(0).toISOString()), NOW)).toBe(true);
    expect(
      isSweep(model('apikey'), before(later(0), [clause('expiresAt', null, { operator: 'ne' })]), NOW),
    ).toBe(true);
    expect(isSweep(model('rateLimit'), [clause('lastRequest', NOW - 1, { operator: 'lt' })], NOW)).toBe(true);
  });
  test('is nothing that would delete a row that is still valid, or that somebody else asks about', () => {
    expect(isSweep(model('verification'), before(later(60)), NOW)).toBe(false);
    expect(isSweep(model('verification'), before(later(0), [clause('value', 'v')]), NOW)).toBe(false);
    expect(isSweep(model('verification'), before(later(0), [or('expiresAt', null)]), NOW)).toBe(false);
    expect(isSweep(model('user'), [clause('createdAt', later(0), { operator: 'lt' })], NOW)).toBe(false);
    expect(isSweep(model('verification'), [], NOW)).toBe(false);
  });
});
