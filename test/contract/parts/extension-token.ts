import { SignJWT } from 'jose';
import { describe, expect, test } from '@jest/globals';
import type { Reply } from '../harness/http.ts';
import { claimsOf, headerOf, token, tokenWith } from '../harness/token.ts';
import type { Claims } from '../harness/token.ts';
import type { World } from '../harness/world.ts';

/** Extension tokens as others might make them: signed with the stack's own ring, and wrong in one respect. */
export function extensionTokenTests(world: () => World): void {
  const now = Math.floor(Date.now() / 1000);
  const whoami = (jwt: string): Promise<Reply> =>
    world().send('/v1/whoami', { headers: [['Authorization', `Bearer ${jwt}`]] });
  const refusedAs = async (reason: string, jwt: string): Promise<void> => {
    const reply = await whoami(jwt);
    expect(reply.status).toBe(401);
    expect(await world().reasonOf(reply)).toBe(reason);
  };
  const secret = (): string => world().tokenRing.signing.k;

  test('a token made by the contract’s words alone is taken, under either key of the ring', async () => {
    for (const { kid, k } of world().tokenRing.all) {
      const jwt = await new SignJWT({ ...claimsOf(world()) })
        .setProtectedHeader({ alg: 'HS256', typ: 'ext+jwt', kid })
        .sign(new TextEncoder().encode(k));
      expect((await whoami(jwt)).body).toMatchObject({
        credentialKind: 'extension_token',
        userId: world().alice.id,
      });
    }
  });

  test('the scheme is case-insensitive', async () => {
    const headers = [['authorization', `bEARER ${tokenWith(world())}`]] as const;
    expect((await world().send('/v1/whoami', { headers })).status).toBe(200);
  });

  describe('the header is exactly alg, typ and kid', () => {
    test.each<[string, Claims]>([
      ['another parameter', { cty: 'JWT' }],
      ['an empty crit', { crit: [] }],
      ['crit', { crit: ['exp'] }],
      ['b64', { b64: true }],
      ['jku', { jku: 'https://attacker.test/keys' }],
      ['jwk', { jwk: { kty: 'oct', k: 'AAAA' } }],
      ['typ JWT', { typ: 'JWT' }],
      ['typ in another case', { typ: 'EXT+JWT' }],
      ['typ with its media type', { typ: 'application/ext+jwt' }],
      ['no typ', { typ: undefined }],
      ['no kid', { kid: undefined }],
      ['a kid that is no text', { kid: {} }],
      ['a kid with a path', { kid: '../../dev/null' }],
      ['no alg', { alg: undefined }],
      ['alg none', { alg: 'none' }],
      ['alg HS512', { alg: 'HS512' }],
      ['alg RS256', { alg: 'RS256' }],
      ['alg hs256', { alg: 'hs256' }],
    ])('%s: malformed', async (_, header) => {
      await refusedAs('credential_malformed', tokenWith(world(), {}, header));
    });

    test('a kid that no ring has, and a signature under another key: signature_invalid', async () => {
      await refusedAs('signature_invalid', tokenWith(world(), {}, { kid: 'unknown' }));
      await refusedAs('signature_invalid', token(headerOf(world()), claimsOf(world()), 'x'.repeat(43)));
      const { waiting } = world().tokenRing;
      await refusedAs('signature_invalid', token(headerOf(world()), claimsOf(world()), waiting.k));
      await refusedAs('signature_invalid', token(headerOf(world()), claimsOf(world()), secret(), 'sha3-256'));
    });

    test('the ring of sessions signs no token, under neither ring’s kid', async () => {
      const { signing } = world().sessionRing;
      await refusedAs('signature_invalid', token(headerOf(world()), claimsOf(world()), signing.k));
      const header = { ...headerOf(world()), kid: signing.kid };
      await refusedAs('signature_invalid', token(header, claimsOf(world()), signing.k));
    });
  });

  describe('claims_invalid', () => {
    test.each<[string, Claims]>([
      ['another issuer', { iss: 'https://attacker.test' }],
      ['a list of issuers', { iss: [] }],
      ['another audience', { aud: 'com.example.other' }],
      ['a list of audiences', { aud: ['com.example.mail-merge'] }],
      ['another extension', { extension_id: 'com.example.other' }],
      ['another subject', { sub: 'somebody-else' }],
      ['another user', { userId: 'somebody-else' }],
      ['iat 31 s and more ahead', { iat: now + 3600, exp: now + 3900 }],
      ['nbf ahead', { nbf: now + 3600 }],
      ['nbf that is no number', { nbf: '0' }],
      ['longer than an hour', { iat: now - 10, exp: now + 3591 }],
      ['exp before iat', { iat: now, exp: now - 1 }],
      ['exp as text', { exp: String(now + 300) }],
      ['exp with a fraction', { exp: now + 300.5 }],
      ['iat with a fraction', { iat: now - 0.5 }],
      ['negative iat', { iat: -1, exp: 3000 }],
      ['exp null', { exp: null }],
      ['scopes as text', { scopes: 'records:read' }],
      ['a scope that is no text', { scopes: [1] }],
      ['the scope *', { scopes: ['*'] }],
      ['the scope * among others', { scopes: ['records:read', '*'] }],
      ['a wildcard inside a scope', { scopes: ['records:*'] }],
      ['a short jti', { jti: 'short' }],
      ['a jti that is no text', { jti: 1234567890123456 }],
      ['an organization that is no text', { orgId: ['x'] }],
    ])('%s', async (_, claims) => {
      await refusedAs('claims_invalid', tokenWith(world(), claims));
    });

    test('an issuer in another spelling', async () => {
      const { rest } = world();
      for (const iss of [`${rest}/`, rest.replace('127.0.0.1', 'localhost'), rest.toUpperCase()]) {
        await refusedAs('claims_invalid', tokenWith(world(), { iss }));
      }
    });

    test.each(['iss', 'aud', 'sub', 'iat', 'exp', 'jti', 'orgId', 'userId', 'extension_id', 'scopes'])(
      'without %s',
      async (name) => {
        await refusedAs('claims_invalid', tokenWith(world(), { [name]: undefined }));
      },
    );

    test.each(['1e999', '-0.0e5000', '1e16', '99999999999999999999'])('exp %s', async (number) => {
      const claims = JSON.stringify({ ...claimsOf(world()), exp: 0 }).replace('"exp":0', `"exp":${number}`);
      await refusedAs('claims_invalid', token(headerOf(world()), claims, secret()));
    });
  });

  test('within the skew of clocks, 30 s, a token is taken; beyond it is ahead or expired', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    expect((await whoami(tokenWith(world(), { iat: seconds + 25, exp: seconds + 200 }))).status).toBe(200);
    expect((await whoami(tokenWith(world(), { nbf: seconds + 25 }))).status).toBe(200);
    await refusedAs('claims_invalid', tokenWith(world(), { iat: seconds + 40, exp: seconds + 200 }));
    await refusedAs('credential_expired', tokenWith(world(), { iat: seconds - 3600, exp: seconds - 31 }));
    await refusedAs('credential_expired', tokenWith(world(), { iat: seconds - 9000, exp: seconds - 8000 }));
  });
}
