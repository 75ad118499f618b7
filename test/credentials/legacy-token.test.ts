import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { jws } from '../support/jws.ts';
import { outcomeOf } from '../support/outcome.ts';
import { claims, header, nowSeconds } from '../support/world.ts';

const plain = 'the-secret-of-before-as-it-was-typed-in';
const added = 'a-key-that-a-rotation-appended-to-the-ring';
const legacyClaims = { ...claims, iss: undefined, sub: undefined, jti: undefined };

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.secrets.values.set('extension-token', { value: plain, versionId: 'version-1' });
});

const of = (token: string, by: MeteredAuthority): Promise<string> =>
  outcomeOf(world, { headers: { Authorization: `Bearer ${token}` } }, by);
const accepting = (): MeteredAuthority => world.compose({ EXTENSION_TOKEN_LEGACY: 'accept' });

describe('a token without kid', () => {
  test.each<[string, object]>([
    ['of typ JWT', { alg: 'HS256', typ: 'JWT' }],
    ['without typ', { alg: 'HS256' }],
  ])('%s is allowed under a plain-string secret in legacy mode, and refused otherwise', async (_, head) => {
    const token = jws(head, legacyClaims, plain);
    expect(await of(token, accepting())).toBe('allow');
    expect(await of(token, world.compose())).toBe('credential_malformed');
    expect(await of(token, world.compose({ EXTENSION_TOKEN_LEGACY: '' }))).toBe('credential_malformed');
  });

  test('verifies under the key carried over when a rotation has appended another, and under no other', async () => {
    const keys = [
      { kid: 'version-1', k: plain, signFrom: 0, verifyUntil: nowSeconds + 60 },
      { kid: 'added', k: added, signFrom: nowSeconds - 10 },
    ];
    world.secrets.values.set('extension-token', { value: JSON.stringify({ keys }), versionId: 'version-2' });
    expect(await of(jws({ alg: 'HS256' }, legacyClaims, plain), accepting())).toBe('allow');
    expect(await of(jws({ alg: 'HS256' }, legacyClaims, added), accepting())).toBe('signature_invalid');
  });

  test('is refused when the key carried over has retired', async () => {
    const keys = [
      { kid: 'version-1', k: plain, signFrom: 0, verifyUntil: nowSeconds },
      { kid: 'added', k: added, signFrom: nowSeconds - 10 },
    ];
    world.secrets.values.set('extension-token', { value: JSON.stringify({ keys }), versionId: 'version-2' });
    expect(await of(jws({ alg: 'HS256' }, legacyClaims, plain), accepting())).toBe('signature_invalid');
  });

  test('never has the ring asked for again: no key that is published from now on was a plain string', async () => {
    const by = accepting();
    const keys = [{ kid: 'added', k: added, signFrom: nowSeconds - 10 }];
    world.secrets.values.set('extension-token', { value: JSON.stringify({ keys }), versionId: 'version-2' });
    await by.warmUp();
    world.clock.advance(20_000);
    const before = world.secrets.calls();
    expect(await of(jws({ alg: 'HS256' }, legacyClaims, plain), by)).toBe('signature_invalid');
    expect(world.secrets.calls()).toBe(before);
    world.clock.advance(-20_000);
  });

  test.each<[string, object, object, string]>([
    ['signed otherwise', { alg: 'HS256' }, legacyClaims, 'signature_invalid'],
    ['with an issuer', { alg: 'HS256' }, { ...legacyClaims, iss: claims.iss }, 'claims_invalid'],
    ['with a subject', { alg: 'HS256' }, { ...legacyClaims, sub: claims.sub }, 'claims_invalid'],
    ['with a jti', { alg: 'HS256' }, { ...legacyClaims, jti: claims.jti }, 'claims_invalid'],
    ['without exp', { alg: 'HS256' }, { ...legacyClaims, exp: undefined }, 'claims_invalid'],
    [
      'that lives longer than an hour',
      { alg: 'HS256' },
      { ...legacyClaims, exp: nowSeconds + 3600 },
      'claims_invalid',
    ],
    [
      'that has expired',
      { alg: 'HS256' },
      { ...legacyClaims, exp: nowSeconds - 30, iat: nowSeconds - 60 },
      'credential_expired',
    ],
    ['of typ ext+jwt', { alg: 'HS256', typ: 'ext+jwt' }, legacyClaims, 'credential_malformed'],
    ['of typ null', { alg: 'HS256', typ: null }, legacyClaims, 'credential_malformed'],
    ['of algorithm none', { alg: 'none' }, legacyClaims, 'credential_malformed'],
    ['with another header parameter', { alg: 'HS256', cty: 'JWT' }, legacyClaims, 'credential_malformed'],
  ])('%s is refused in legacy mode too', async (_, head, payload, outcome) => {
    const secret = outcome === 'signature_invalid' ? added : plain;
    expect(await of(jws(head, payload, secret), accepting())).toBe(outcome);
  });

  test('is named in the decision line by a digest, never by itself', async () => {
    const token = jws({ alg: 'HS256' }, legacyClaims, plain);
    await of(token, accepting());
    expect(world.lines.at(-1)).toMatchObject({
      effect: 'allow',
      credentialId: expect.stringMatching(/^legacy-[\w-]{22}$/),
    });
    expect(JSON.stringify(world.lines)).not.toContain(token.split('.')[2]);
  });
});

describe('a token with kid', () => {
  test('verifies under a plain-string secret by its version, in either mode', async () => {
    const token = jws({ ...header, kid: 'version-1' }, claims, plain);
    expect(await of(token, accepting())).toBe('allow');
    expect(await of(token, world.compose())).toBe('allow');
  });

  test('may not leave out issuer, subject or jti in legacy mode', async () => {
    for (const claim of ['iss', 'sub', 'jti']) {
      const token = jws({ ...header, kid: 'version-1' }, { ...claims, [claim]: undefined }, plain);
      expect(await of(token, accepting())).toBe('claims_invalid');
    }
  });

  test('may not be of typ JWT', async () => {
    expect(await of(jws({ alg: 'HS256', typ: 'JWT', kid: 'version-1' }, claims, plain), accepting())).toBe(
      'credential_malformed',
    );
  });
});
