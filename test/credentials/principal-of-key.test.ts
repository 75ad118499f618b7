import { describe, expect, test } from '@jest/globals';
import { marshall } from '@aws-sdk/util-dynamodb';
import { principalOfKey } from '../../lambda/credentials/api-key.ts';
import { readApiKey } from '../../lambda/store/rows.ts';
import { start } from '../support/clock.ts';
import { acme, alice, globex } from '../support/world.ts';

const iso = (milliseconds: number): string => new Date(start + milliseconds).toISOString();
const row = (given: object) =>
  readApiKey(marshall({ id: 'key-1', referenceId: alice, createdAt: iso(-5000), ...given }));
const principal = (given: object, sourceAddress?: string) => principalOfKey(row(given), start, sourceAddress);
const refused = (reason: string) => ({ effect: 'deny', reason });
const seconds = (milliseconds: number): number => Math.floor((start + milliseconds) / 1000);

test('a row that says no more than whose key it is gives everything its owner may do, from anywhere, without end', () => {
  expect(principal({})).toEqual({
    owner: { kind: 'user', id: alice },
    credentialKind: 'api_key',
    credentialId: 'key-1',
    scopes: null,
    issuedAt: seconds(-5000),
  });
});

test('a key whose making is not dated counts as made at the beginning: every revocation before a moment is its', () => {
  expect(principal({ createdAt: null })).toMatchObject({ issuedAt: 0 });
});

describe('whose a key is', () => {
  test.each([
    ['default', { kind: 'user', id: alice }],
    ['organization', { kind: 'organization', id: alice }],
  ])('is told by its configuration alone: %s', (configId, owner) => {
    expect(principal({ configId })).toMatchObject({ owner });
  });

  test('is told by no other configuration: nobody’s key lets nobody in', () => {
    expect(principal({ configId: 'team' })).toEqual(refused('credential_unknown'));
    expect(principalOfKey(undefined, start)).toEqual(refused('credential_unknown'));
  });
});

describe('a key ends', () => {
  test.each<[string, object, number]>([
    ['when its owner says', { expiresAt: iso(2000) }, 2000],
    ['when an operator says', { notAfter: iso(2000) }, 2000],
    [
      'at the owner’s moment where it is the earlier one',
      { expiresAt: iso(2000), notAfter: iso(9000) },
      2000,
    ],
    [
      'at the operator’s moment where it is the earlier one',
      { expiresAt: iso(9000), notAfter: iso(2000) },
      2000,
    ],
  ])('%s, and says so in whole seconds', (_, given, end) => {
    expect(principal(given)).toMatchObject({ expiresAt: seconds(end) });
    expect(principalOfKey(row(given), start + end - 1)).toHaveProperty('owner');
    expect(principalOfKey(row(given), start + end)).toEqual(refused('credential_expired'));
  });
});

test.each([
  ['by its owner', { enabled: false }],
  ['by an operator', { disabledByOperator: true }],
  ['by an operator, whatever its owner says', { disabledByOperator: true, enabled: true }],
])('a key that was disabled %s says so before it says that it ended', (_, given) => {
  expect(principal({ ...given, expiresAt: iso(-1) })).toEqual(refused('credential_disabled'));
});

describe('what a key is limited to', () => {
  test('is handed on: organizations, also none of them', () => {
    expect(principal({ allowedOrganizations: [acme.id] })).toMatchObject({ limitedTo: [acme.id] });
    expect(principal({ allowedOrganizations: [] })).toMatchObject({ limitedTo: [] });
  });

  test('is told of the address it came from; of an unknown one it is not the right one', () => {
    const allowedAddresses = ['192.0.2.0/24'];
    expect(principal({ allowedAddresses }, '192.0.2.7')).toMatchObject({ addressAllowed: true });
    expect(principal({ allowedAddresses }, '198.51.100.1')).toMatchObject({ addressAllowed: false });
    expect(principal({ allowedAddresses })).toMatchObject({ addressAllowed: false });
  });
});

test('where a key acted last is handed on as a guess, and no guess where nothing is known', () => {
  expect(principal({ likelyOrganizationId: globex.id })).toMatchObject({ likelyOrganizationId: globex.id });
  expect(principal({ likelyOrganizationId: '' })).not.toHaveProperty('likelyOrganizationId');
});

describe('the permissions of a key', () => {
  test.each<[string, readonly string[]]>([
    [
      '{"records":["read","write:contact"],"actions":["invoke"]}',
      ['records:read', 'records:write:contact', 'actions:invoke'],
    ],
    ['{}', []],
    ['{"records":[]}', []],
    ['{"*":["*"],"records":["*","Read","read:"],"":["read"]}', []],
  ])('%s are its scopes; what is no scope grants nothing', (permissions, scopes) => {
    expect(principal({ permissions })).toMatchObject({ scopes });
  });

  test.each(['', '{', 'null', '"*"', '{"records":"read"}', '{"records":[1]}', '{"records":{"read":true}}'])(
    '%j are a fault of the store: what they grant cannot be told, and the key may be a good one',
    (permissions) => {
      const message = 'A stored API key has unreadable permissions';
      expect(() => principal({ permissions })).toThrow(expect.objectContaining({ kind: 'store', message }));
    },
  );
});
