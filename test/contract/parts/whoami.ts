import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { member } from '../harness/http.ts';
import type { Fields } from '../harness/http.ts';
import { mint } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function whoamiTests(world: () => World): void {
  const whoami = (headers: Fields) => world().send('/v1/whoami', { headers });
  const now = (): number => Date.now() / 1000;

  describe('GET /v1/whoami is the authorizer context and nothing else', () => {
    test('for an API key without expiry: no expiresAt', async () => {
      const { alice, acme, keys } = world();
      const answer = await whoami([['x-api-key', keys.alice.key]]);
      expect(answer.body).toEqual({
        organizationId: acme.id,
        organizationSlug: acme.slug,
        userId: alice.id,
        role: 'owner',
        credentialKind: 'api_key',
        credentialId: keys.alice.id,
        scopes: '*',
      });
      expect(answer.text).not.toContain(keys.alice.key);
    });

    test('for an API key that expires: the second it does, as a number', async () => {
      const { alice } = world();
      const made = await alice.post('/api/auth/api-key/create', { name: 'short', expiresIn: 86_400 });
      const answer = await whoami([['x-api-key', String(member(made.body, 'key'))]]);
      const expiresAt = member(answer.body, 'expiresAt');
      expect(expiresAt).toBe(Math.floor(Date.parse(String(member(made.body, 'expiresAt'))) / 1000));
      expect(Number(expiresAt) - now()).toBeGreaterThan(86_000);
    });

    test('for a session: its id and its end, never its token', async () => {
      const { alice, acme } = world();
      const answer = await alice.ask('/v1/whoami');
      expect(answer.body).toEqual({
        organizationId: acme.id,
        organizationSlug: acme.slug,
        userId: alice.id,
        role: 'owner',
        credentialKind: 'session',
        credentialId: expect.stringMatching(/^[A-Za-z0-9]{32}$/),
        scopes: '*',
        expiresAt: expect.any(Number),
      });
      const [token = ''] = decodeURIComponent(alice.cookieNamed('better-auth-session')).split('.');
      expect(answer.text).not.toContain(token);
      expect(Number(member(answer.body, 'expiresAt')) - now()).toBeGreaterThan(6 * 86_400);
    });

    test('for an extension token: its jti and its extension, and the narrowest of token, grant and role', async () => {
      const { bob, acme, extension } = world();
      const token = await mint(world(), bob, { ttlSeconds: 120 });
      const { jti, exp } = decodeJwt(token);
      const answer = await whoami([['Authorization', `Bearer ${token}`]]);
      expect(answer.body).toEqual({
        organizationId: acme.id,
        organizationSlug: acme.slug,
        userId: bob.id,
        role: 'member',
        credentialKind: 'extension_token',
        credentialId: jti,
        scopes: expect.any(String),
        expiresAt: exp,
        extensionId: extension,
      });
      expect(String(member(answer.body, 'scopes')).split(' ').toSorted()).toEqual([
        'actions:invoke',
        'records:read',
        'records:write:contact',
      ]);
    });

    test('for a member: the scopes of the role, space-delimited', async () => {
      const answer = await world().bob.ask('/v1/whoami');
      expect(member(answer.body, 'role')).toBe('member');
      expect(String(member(answer.body, 'scopes')).split(' ').toSorted()).toEqual([
        'actions:invoke',
        'extensions:use',
        'realtime:connect',
        'records:read',
        'records:write',
      ]);
    });
  });

  test('a key is taken from x-api-key and from Bearer, in any case of the scheme and of the header', async () => {
    const { keys, alice } = world();
    const { key } = keys.alice;
    for (const headers of [
      [['x-api-key', key]],
      [['X-API-KEY', key]],
      [['Authorization', `Bearer ${key}`]],
      [['authorization', `bearer ${key}`]],
      [['AUTHORIZATION', `BEARER ${key}`]],
      [['Authorization', `Bearer   ${key}`]],
    ] satisfies Fields[]) {
      expect((await whoami(headers)).body).toMatchObject({ userId: alice.id, credentialKind: 'api_key' });
    }
  });

  test('an explicit credential outranks the cookie and is final, also when it is empty or of another scheme', async () => {
    const { alice, keys } = world();
    const cookie = ['Cookie', alice.cookie()] as const;
    const answer = await whoami([cookie, ['x-api-key', keys.bob.key]]);
    expect(answer.body).toMatchObject({ credentialKind: 'api_key', userId: world().bob.id });
    for (const header of [
      ['x-api-key', ''],
      ['x-api-key', 'nonsense'],
      ['Authorization', ''],
      ['Authorization', 'Basic YWxpY2U6cGFzc3dvcmQ='],
      ['Authorization', 'Bearer'],
      ['Authorization', 'Bearer  '],
      ['Authorization', keys.alice.key],
    ] as const) {
      const refused = await whoami([cookie, header]);
      expect([header, refused.status]).toEqual([header, 401]);
      expect(await world().reasonOf(refused)).toBe('credential_malformed');
    }
  });

  test('two explicit credentials are ambiguous, in one header or in two; the same one twice is one', async () => {
    const { keys } = world();
    const [a, b] = [keys.alice.key, keys.bob.key];
    for (const headers of [
      [
        ['x-api-key', a],
        ['Authorization', `Bearer ${a}`],
      ],
      [
        ['x-api-key', a],
        ['x-api-key', b],
      ],
      [['x-api-key', `${a}, ${b}`]],
      [
        ['Authorization', `Bearer ${a}`],
        ['Authorization', `Bearer ${b}`],
      ],
      [
        ['x-api-key', ''],
        ['Authorization', ''],
      ],
    ] satisfies Fields[]) {
      const refused = await whoami(headers);
      expect([headers, refused.status]).toEqual([headers, 401]);
      expect(await world().reasonOf(refused)).toBe('credential_ambiguous');
    }
    expect(
      (
        await whoami([
          ['x-api-key', a],
          ['x-api-key', a],
        ])
      ).status,
    ).toBe(200);
  });
}
