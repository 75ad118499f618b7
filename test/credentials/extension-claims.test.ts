import { describe, expect, test } from '@jest/globals';
import {
  isAhead,
  isExpired,
  readClaims,
  readLegacyClaims,
} from '../../lambda/credentials/extension-claims.ts';

const issuer = 'https://api.crm.example.com';
const old = {
  aud: 'com.example.mail',
  extension_id: 'com.example.mail',
  userId: 'user-1',
  orgId: 'org-1',
  scopes: ['records:read', 'records:write:deal'],
  iat: 1_000_000,
  exp: 1_000_300,
};
const claims = { ...old, iss: issuer, sub: 'user-1', jti: 'j'.repeat(22) };
const read = (given: object) => readClaims({ ...claims, ...given }, issuer);
const readOld = (given: object) => readLegacyClaims({ ...old, ...given });

test('claims say who, where, for which extension, with which scopes and until when', () => {
  const said = {
    userId: 'user-1',
    organizationId: 'org-1',
    extensionId: 'com.example.mail',
    scopes: ['records:read', 'records:write:deal'],
    iat: 1_000_000,
    exp: 1_000_300,
  };
  expect(read({})).toStrictEqual({ ...said, jti: claims.jti });
  expect(read({ nbf: 1_000_010, extra: 'ignored' })).toStrictEqual({
    ...said,
    jti: claims.jti,
    nbf: 1_000_010,
  });
  expect(readOld({})).toStrictEqual(said);
});

describe('claims in both forms hold to the bounds', () => {
  const long = 'x'.repeat(256);
  test.each<[string, object]>([
    ['a lifetime of an hour', { exp: claims.iat + 3600 }],
    ['a lifetime of a second', { exp: claims.iat + 1 }],
    ['the beginning of time', { iat: 0, exp: 1, nbf: 0 }],
    ['ids of 256 characters', { aud: long, extension_id: long, orgId: long }],
    ['no scopes', { scopes: [] }],
  ])('%s is within them', (_, given) => {
    expect(read(given)).toBeDefined();
    expect(readOld(given)).toBeDefined();
  });

  test.each<[string, object]>([
    ['a lifetime of a second more than an hour', { exp: claims.iat + 3601 }],
    ['a lifetime of nothing', { exp: claims.iat }],
    ['an end before the beginning', { exp: claims.iat - 1 }],
    ['a time before all time', { iat: -1, exp: 1 }],
    ['a validity before all time', { nbf: -1 }],
    ['half a second', { iat: claims.iat + 0.5 }],
    ['an end on no whole second', { exp: claims.exp + 0.5 }],
    ['an id of 257 characters', { orgId: `${long}x` }],
    ['an empty organization', { orgId: '' }],
    ['an empty user', { userId: '', sub: '' }],
    ['an empty extension', { aud: '', extension_id: '' }],
    ['another audience', { aud: 'com.example.other' }],
    ['a scope that is none', { scopes: ['records:read', '*'] }],
  ])('%s is not', (_, given) => {
    expect(read(given)).toBeUndefined();
    expect(readOld(given)).toBeUndefined();
  });
});

test('claims of today name their issuer, their subject and themselves', () => {
  for (const given of [
    { iss: undefined },
    { iss: `${issuer}/` },
    { iss: 1 },
    { sub: undefined },
    { sub: 'user-2' },
    { userId: 'user-2' },
    { jti: undefined },
    { jti: 'j'.repeat(21) },
    { jti: 'j'.repeat(129) },
    { jti: ` ${'j'.repeat(22)}` },
    { jti: `${'j'.repeat(22)}\n` },
  ]) {
    expect([given, read(given)]).toEqual([given, undefined]);
  }
  expect(read({ jti: 'Az09_-'.repeat(4) })).toBeDefined();
  expect(read({ jti: 'j'.repeat(128) })).toBeDefined();
});

test('claims of before name none of them: one form is never read as the other', () => {
  expect(readLegacyClaims(claims)).toBeUndefined();
  for (const given of [{ iss: issuer }, { sub: 'user-1' }, { jti: claims.jti }])
    expect(readOld(given)).toBeUndefined();
  expect(readClaims(old, issuer)).toBeUndefined();
});

test('what is no object claims nothing', () => {
  for (const payload of [null, undefined, 'text', 1, [], [claims]]) {
    expect(readClaims(payload, issuer)).toBeUndefined();
    expect(readLegacyClaims(payload)).toBeUndefined();
  }
});

test('clocks may differ by 30 seconds, to the millisecond', () => {
  const at = { ...claims, organizationId: 'o', extensionId: 'e' };
  expect(isExpired(at, 1_000_330_000 - 1)).toBe(false);
  expect(isExpired(at, 1_000_330_000)).toBe(true);
  expect(isAhead(at, 1_000_000_000 - 30_000)).toBe(false);
  expect(isAhead(at, 1_000_000_000 - 30_001)).toBe(true);
  expect(isAhead({ ...at, nbf: 1_000_100 }, 1_000_100_000 - 30_000)).toBe(false);
  expect(isAhead({ ...at, nbf: 1_000_100 }, 1_000_100_000 - 30_001)).toBe(true);
  expect(isAhead({ ...at, nbf: 1 }, 1_000_000_000 - 30_001)).toBe(true);
});
