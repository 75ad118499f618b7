import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import { keyRow, setOnRow } from '../harness/rows.ts';
import { createKey, factsTtl, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of everything before the last `_`, in base62, zero-padded, as the contract words it. */
function checksum(body: string): string {
  let digits = '';
  for (let rest = crc32(body); rest > 0; rest = Math.floor(rest / 62))
    digits = `${base62[rest % 62]}${digits}`;
  return digits.padStart(6, '0');
}
const withChecksum = (body: string): string => `${body}_${checksum(body)}`;

export function apiKeyTests(world: () => World): void {
  const whoami = (key: string): Promise<Reply> =>
    world().send('/v1/whoami', { headers: [['x-api-key', key]] });
  const refusedAs = async (reason: string, key: string): Promise<void> => {
    const reply = await whoami(key);
    expect([key, reply.status]).toEqual([key, 401]);
    expect([key, await world().reasonOf(reply)]).toEqual([key, reason]);
  };
  /** Asks until the answer is another one; a fact may be this old. */
  const settled = async (key: string, status: number): Promise<Reply> => {
    const began = performance.now();
    let reply = await whoami(key);
    while (reply.status !== status && performance.now() - began < factsTtl * 1000 + 500)
      reply = await whoami(key);
    expect(reply.status).toBe(status);
    return reply;
  };

  describe('a key of ours', () => {
    test('is crm_test_, 43 and 6 characters of base62, and the last part is the checksum of the rest', async () => {
      const made = await Promise.all(Array.from({ length: 5 }, () => createKey(world().alice)));
      for (const { key } of made) {
        expect(key).toMatch(/^crm_test_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
        expect(key).toBe(withChecksum(key.slice(0, key.lastIndexOf('_'))));
      }
      expect(new Set(made.map(({ key }) => key)).size).toBe(5);
    });

    test('is malformed when the checksum, the length or the alphabet is wrong, and looked up by nobody', async () => {
      const { key } = world().keys.alice;
      const body = key.slice(0, key.lastIndexOf('_'));
      for (const wrong of [
        `${body}_${checksum(body) === '000000' ? '000001' : '000000'}`,
        `${body}_${checksum(body).slice(1)}`,
        `${body}-${checksum(body)}`,
        body,
        withChecksum(body.slice(0, -1)),
        withChecksum(`${body}A`),
        withChecksum(`${body.slice(0, -1)}-`),
        key.toLowerCase(),
        `${key}_`,
        `${key}\u00e9`,
      ]) {
        await refusedAs('credential_malformed', wrong);
      }
      const reply = await whoami(`${body}_000000`);
      expect(member(await world().stack.decisions.of(reply.requestId, 5000), 'reads')).toBe(0);
    });

    test('of another stage is unknown here, and looked up by nobody', async () => {
      const reply = await whoami(withChecksum(`crm_live_${'a'.repeat(43)}`));
      expect(reply.status).toBe(401);
      expect(await world().stack.decisions.of(reply.requestId, 5000)).toMatchObject({
        reason: 'credential_unknown',
        reads: 0,
      });
    });

    test('that nobody has is unknown, and so is one of Better Auth’s default generator', async () => {
      await refusedAs('credential_unknown', withChecksum(`crm_test_${'a'.repeat(43)}`));
      for (const prefix of ['', 'legacy_', 'my-app-']) {
        await refusedAs('credential_unknown', `${prefix}${'abcdefghijklmnopqrstuvwxyzABCDEF'.repeat(2)}`);
      }
    });
  });

  describe('a key that was good', () => {
    test('is disabled and enabled by its owner, and deleted, within the facts bound', async () => {
      const { alice } = world();
      const { id, key } = await createKey(alice);
      expect((await whoami(key)).status).toBe(200);
      const update = (enabled: boolean) =>
        mustBe(200, alice.post('/api/auth/api-key/update', { keyId: id, enabled }));
      await update(false);
      expect(await world().reasonOf(await settled(key, 401))).toBe('credential_disabled');
      await update(true);
      await settled(key, 200);
      await mustBe(200, alice.post('/api/auth/api-key/delete', { keyId: id }));
      expect(await world().reasonOf(await settled(key, 401))).toBe('credential_unknown');
    });

    test('expires to the second, and is still named expired, not unknown', async () => {
      const { key } = await createKey(world().alice, { expiresIn: 86_400 });
      await setOnRow(world().stack, keyRow(key), 'expiresAt', new Date(Date.now() - 1).toISOString());
      await refusedAs('credential_expired', key);
    });

    test('has no limit unless one was set: no number of uses wears it out', async () => {
      const { key } = await createKey(world().alice);
      const replies = await Promise.all(Array.from({ length: 30 }, () => whoami(key)));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    });
  });

  describe('an owner', () => {
    test.each([
      { permissions: { records: ['read'] } },
      { remaining: 5 },
      { rateLimitMax: 5 },
      { rateLimitEnabled: true },
    ])('sets nothing that guards a key: %j', async (more) => {
      const { alice, keys } = world();
      const made = await alice.post('/api/auth/api-key/create', { name: 'guarded', ...more });
      expect(made).toMatchObject({ status: 400, body: { code: 'SERVER_ONLY_PROPERTY' } });
      const updated = await alice.post('/api/auth/api-key/update', { keyId: keys.alice.id, ...more });
      expect(updated.status).toBe(400);
    });

    test('makes a key for nobody else, and neither reads, changes nor deletes another’s', async () => {
      const { mallory, alice, keys } = world();
      const keyId = keys.alice.id;
      const forged = await mallory.post('/api/auth/api-key/create', { name: 'forged', userId: alice.id });
      expect(forged.status).toBe(401);
      for (const attempt of [
        mallory.ask(`/api/auth/api-key/get?id=${keyId}`),
        mallory.post('/api/auth/api-key/update', { keyId, enabled: false }),
        mallory.post('/api/auth/api-key/delete', { keyId }),
      ]) {
        expect((await attempt).status).toBe(404);
      }
      expect((await whoami(keys.alice.key)).status).toBe(200);
    });

    test('cannot use a key as a session: no key opens Better Auth’s own endpoints', async () => {
      const { keys } = world();
      for (const header of [
        ['x-api-key', keys.alice.key],
        ['Authorization', `Bearer ${keys.alice.key}`],
      ] as const) {
        const headers = [header, ['Origin', world().rest]] as const;
        const list = await world().send('/api/auth/api-key/list', { headers });
        expect(list.status).toBe(401);
        const create = await world().send('/api/auth/api-key/create', {
          method: 'POST',
          headers,
          json: { name: 'x' },
        });
        expect(create.status).toBe(401);
      }
    });
  });
}
