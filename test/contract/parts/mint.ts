import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from '@jest/globals';
import { member, textOf } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import { installation, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function mintTests(world: () => World): void {
  const path = (extension = world().extension): string => `/v1/extensions/${extension}/token`;
  const mint = (asked: unknown, who: 'alice' | 'bob' = 'alice'): Promise<Reply> =>
    world()[who].post(path(), asked);
  const now = (): number => Math.floor(Date.now() / 1000);

  describe('POST /v1/extensions/{extensionId}/token', () => {
    test('answers 201 with a token, the second it expires and its scopes; 300 s unless asked otherwise', async () => {
      for (const [asked, ttl] of [
        [{}, 300],
        [{ ttlSeconds: 30 }, 30],
        [{ ttlSeconds: 3600 }, 3600],
      ] as const) {
        const before = now();
        const reply = await mustBe(201, mint(asked));
        expect(Object.keys(Object(reply.body)).toSorted()).toEqual(['expiresAt', 'scopes', 'token']);
        const expiresAt = Number(member(reply.body, 'expiresAt'));
        expect([ttl, ttl + 1, ttl + 2]).toContain(expiresAt - before);
        expect(decodeJwt(textOf(reply, 'token')).exp).toBe(expiresAt);
        expect(reply.header('cache-control')).toEqual(['no-store']);
      }
    });

    test('signs with the ring’s signing key; header and claims are those of the contract and no others', async () => {
      const { rest, alice, acme, extension, tokenRing } = world();
      const jwt = textOf(await mustBe(201, mint({ scopes: ['actions:invoke'] })), 'token');
      expect(decodeProtectedHeader(jwt)).toEqual({
        alg: 'HS256',
        typ: 'ext+jwt',
        kid: tokenRing.signing.kid,
      });
      const { payload } = await jwtVerify(jwt, new TextEncoder().encode(tokenRing.signing.k));
      expect(payload).toEqual({
        iss: rest,
        aud: extension,
        extension_id: extension,
        sub: alice.id,
        userId: alice.id,
        iat: expect.any(Number),
        exp: Number(payload.iat) + 300,
        jti: expect.stringMatching(/^[A-Za-z0-9_-]{22,}$/),
        orgId: acme.id,
        scopes: ['actions:invoke'],
      });
    });

    test('gives no two tokens one jti', async () => {
      const minted = await Promise.all(Array.from({ length: 10 }, () => mustBe(201, mint({}))));
      expect(new Set(minted.map((reply) => decodeJwt(textOf(reply, 'token')).jti)).size).toBe(10);
    });

    test.each([29, 3601, 0, -300, 300.5, '300', null, 1e9, true, [300]])(
      'ttlSeconds %j is 400',
      async (ttlSeconds) => {
        expect(await mint({ ttlSeconds })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      },
    );

    test.each([
      ['*'],
      [['*']],
      [['records']],
      [['records:read:contact:1']],
      [['Records:read']],
      [[1]],
      [null],
      [{}],
      [['records:read ']],
      [['records:*']],
    ])('scopes %j are 400', async (scopes) => {
      expect(await mint({ scopes })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    });

    test('scopes absent are all that was granted and the role gives; narrower ones may be asked for', async () => {
      for (const who of ['alice', 'bob'] as const) {
        const all = await mustBe(201, mint({}, who));
        expect(Object(member(all.body, 'scopes'))).toHaveLength(3);
        expect(member(all.body, 'scopes')).toEqual(expect.arrayContaining(installation.scopes));
      }
      const scopes = ['records:read:contact'];
      expect((await mustBe(201, mint({ scopes }))).body).toMatchObject({ scopes });
    });

    test.each([
      [['records:write']],
      [['records:write:deal']],
      [['extensions:manage']],
      [['records:read', 'realtime:connect']],
    ])('scopes %j, more than was granted, are 403 and not trimmed', async (scopes) => {
      expect(await mint({ scopes })).toMatchObject({
        status: 403,
        body: { error: 'forbidden', reason: 'scope_insufficient' },
      });
    });

    test('a member it does not know is 400: misspelt scopes would be all of them', async () => {
      for (const asked of [
        { scope: ['records:read'] },
        { ttl: 30 },
        { organizationId: world().globex.id },
        [],
        'x',
        1,
      ]) {
        expect((await mint(asked)).status).toBe(400);
      }
    });

    test('an extension that is not installed, here or anywhere, is installation_inactive', async () => {
      for (const extension of ['com.example.unknown', 'x']) {
        expect(await world().alice.post(path(extension), {})).toMatchObject({
          status: 403,
          body: { reason: 'installation_inactive' },
        });
      }
      // It is installed in Acme, not in Initech or Globex.
      const elsewhere = [['x-tenant-id', 'globex']] as const;
      expect(await world().alice.post(path(), {}, elsewhere)).toMatchObject({
        body: { reason: 'installation_inactive' },
      });
      expect(await world().mallory.post(path(), {})).toMatchObject({
        body: { reason: 'installation_inactive' },
      });
    });

    test('takes sessions only: neither keys nor tokens make tokens', async () => {
      const jwt = textOf(await mustBe(201, mint({})), 'token');
      for (const header of [
        ['x-api-key', world().keys.alice.key],
        ['Authorization', `Bearer ${jwt}`],
      ] as const) {
        const reply = await world().send(path(), { method: 'POST', headers: [header], json: {} });
        expect(reply).toMatchObject({ status: 403, body: { reason: 'credential_kind_not_accepted' } });
      }
    });

    test('an empty body is an empty object', async () => {
      expect((await world().alice.ask(path(), { method: 'POST' })).status).toBe(201);
    });
  });
}
