import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { jws } from '../support/jws.ts';
import { outcomeOf } from '../support/outcome.ts';
import { claims, extension, header, nowSeconds, secretOf, tokenWith } from '../support/world.ts';

let world: TestAuthorizer;
let authority: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  authority = world.compose();
});
afterAll(() => world.stop());

const of = (token: string): Promise<string> =>
  outcomeOf(world, { headers: { Authorization: `Bearer ${token}` } }, authority);

const secret = secretOf('token-signing');
const good = tokenWith();
const [head = '', body = '', signature = ''] = good.split('.');
const saying = (text: string): string => jws(header, text, secret);
const claimsText = JSON.stringify(claims);

test('the token that every refused one below differs from is allowed', async () => {
  expect(await of(good)).toBe('allow');
});

describe('claims that are missing, of another type, or contradict each other are claims_invalid', () => {
  test.each(Object.keys(claims))('no %s', async (claim) => {
    expect(await of(tokenWith({ [claim]: undefined }))).toBe('claims_invalid');
  });

  test.each(Object.keys(claims))('%s of another type', async (claim) => {
    for (const value of [null, true, {}, [], [[]], '', -1, 1.5, '1', ['records:read', 1]]) {
      // No scope at all is a list of scopes, and '1' could be an organization.
      if (
        (claim === 'scopes' && Array.isArray(value) && value.length === 0) ||
        (claim === 'orgId' && value === '1')
      )
        continue;
      expect([claim, value, await of(tokenWith({ [claim]: value }))]).toEqual([
        claim,
        value,
        'claims_invalid',
      ]);
    }
  });

  test.each<[string, object]>([
    ['a lifetime of 3,601 s', { iat: nowSeconds, exp: nowSeconds + 3601 }],
    ['a lifetime of ten years', { exp: nowSeconds + 315_360_000 }],
    ['a lifetime of nothing', { iat: nowSeconds, exp: nowSeconds }],
    ['an end before its beginning', { iat: nowSeconds, exp: nowSeconds - 10 }],
    ['an iat 31 s ahead', { iat: nowSeconds + 31, exp: nowSeconds + 90 }],
    ['an nbf 31 s ahead', { nbf: nowSeconds + 31 }],
    ['an nbf of another type', { nbf: String(nowSeconds) }],
    ['an nbf that is no whole second', { nbf: nowSeconds + 0.5 }],
    ['seconds beyond exactness', { iat: 2 ** 53, exp: 2 ** 53 + 10 }],
    ['milliseconds for seconds', { iat: nowSeconds * 1000, exp: nowSeconds * 1000 + 300 }],
    ['an issuer with a slash', { iss: 'https://api.crm.example.com/' }],
    ['an issuer in another case', { iss: 'https://API.crm.example.com' }],
    ['several audiences', { aud: [extension] }],
    ['an audience that is not the extension', { aud: 'other' }],
    ['an extension that is not the audience', { extension_id: 'other' }],
    ['a subject that is not the user', { sub: 'mallory' }],
    ['a user that is not the subject', { userId: 'mallory' }],
    ['everything as a scope', { scopes: ['records:read', '*'] }],
    ['a scope with a star', { scopes: ['records:*'] }],
    ['a scope of one word', { scopes: ['records'] }],
    ['scopes as text', { scopes: 'records:read' }],
    ['a jti of 21 characters', { jti: 'j'.repeat(21) }],
    ['a jti of 129 characters', { jti: 'j'.repeat(129) }],
    ['an organization id of 257 characters', { orgId: 'o'.repeat(257) }],
  ])('%s', async (_, given) => expect(await of(tokenWith(given))).toBe('claims_invalid'));

  test.each<[string, string]>([
    ['exp of infinity', claimsText.replace(/"exp":\d+/, '"exp":1e999')],
    ['iat of minus infinity', claimsText.replace(/"iat":\d+/, '"iat":-1e999')],
    ['a list of claims', `[${claimsText}]`],
    ['claims inherited from __proto__', `{"__proto__":${claimsText}}`],
    ['500 lists in each other', `{"a":${'['.repeat(500)}${']'.repeat(500)}}`],
  ])('%s', async (_, text) => expect(await of(saying(text))).toBe('claims_invalid'));
});

describe('time', () => {
  test.each<[string, object, string]>([
    ['a lifetime of 3,600 s is allowed', { iat: nowSeconds, exp: nowSeconds + 3600 }, 'allow'],
    ['an iat 30 s ahead is allowed', { iat: nowSeconds + 30, exp: nowSeconds + 90 }, 'allow'],
    ['an nbf 30 s ahead is allowed', { nbf: nowSeconds + 30 }, 'allow'],
    ['an exp 29 s ago is allowed', { iat: nowSeconds - 300, exp: nowSeconds - 29 }, 'allow'],
    [
      'an exp 30 s ago is credential_expired',
      { iat: nowSeconds - 300, exp: nowSeconds - 30 },
      'credential_expired',
    ],
    ['an exp of the year 1970 is credential_expired', { iat: 0, exp: 1 }, 'credential_expired'],
    ['a whole second written with an exponent is a whole second', { nbf: 1e3 }, 'allow'],
  ])('%s', async (_, given, outcome) => expect(await of(tokenWith(given))).toBe(outcome));
});

describe('the signature', () => {
  test('holds every character of the token: none can be changed', async () => {
    for (let position = 0; position < good.length; position += 1) {
      const character = good[position] === 'A' ? 'B' : 'A';
      const changed = good.slice(0, position) + character + good.slice(position + 1);
      expect([changed, await of(changed)]).not.toEqual([changed, 'allow']);
      expect(['signature_invalid', 'credential_malformed', 'credential_unknown']).toContain(
        await of(changed),
      );
    }
  });

  test.each<[string, string]>([
    ['of another key of the ring', jws(header, claims, secretOf('token-next'))],
    ['of a retired key under the name of a live one', jws(header, claims, secretOf('token-retired'))],
    ['of a session key', jws(header, claims, secretOf('session-signing'))],
    ['of the empty key', jws(header, claims, '')],
    ['of the name of the key', jws(header, claims, 'token-signing')],
    ['of the key without its last character', jws(header, claims, secret.slice(0, -1))],
    ['of another token', `${head}.${body}.${tokenWith({ jti: 'another-0123456789abcdef' }).split('.')[2]}`],
    [
      'over another header',
      `${Buffer.from(JSON.stringify({ ...header, kid: 'token-next' })).toString('base64url')}.${body}.${signature}`,
    ],
  ])('%s is signature_invalid', async (_, token) => expect(await of(token)).toBe('signature_invalid'));

  test('is checked before the claims: nothing is said of what an unsigned payload claims', async () => {
    expect(await of(jws(header, { ...claims, exp: 1, scopes: ['*'] }, 'x'.repeat(32)))).toBe(
      'signature_invalid',
    );
  });

  test('is enough to know what is not asked of the store', async () => {
    const { reads } = authority;
    const sofar = reads();
    await of(jws(header, claims, 'x'.repeat(32)));
    await of(tokenWith({ exp: 1, iat: 0 }));
    await of(tokenWith({ iss: 'https://evil.test' }));
    expect(reads()).toBe(sofar);
  });
});
