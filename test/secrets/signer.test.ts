import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import type { KeyRing, RingKey } from '../../lambda/secrets/key-ring.ts';
import { signer } from '../../lambda/secrets/signer.ts';
import { secretSource } from '../../lambda/secrets/secret-source.ts';
import { start, testClock } from '../support/clock.ts';

const second = Math.floor(start / 1000);
const key = (kid: string, signFrom: number): RingKey => ({ kid, k: `${kid} `.repeat(16), signFrom });
const ring: KeyRing = {
  keys: [
    { ...key('retiring', second - 2000), verifyUntil: second + 1000 },
    key('signing', second - 1000),
    key('waiting', second + 1000),
    key('later', second + 2000),
  ],
};

const sign = (revoked: readonly string[], of: KeyRing = ring) =>
  signer(
    { ring: async () => of, refreshed: async () => of },
    async (kid) => revoked.includes(kid),
    () => start,
  )();

describe('a signer', () => {
  test('uses the newest key whose time has come', async () => {
    expect((await sign([])).key.kid).toBe('signing');
  });

  test('moves to the next key at once when its own is revoked, and on when that is revoked as well', async () => {
    expect((await sign(['signing'])).key.kid).toBe('waiting');
    expect((await sign(['signing', 'waiting'])).key.kid).toBe('later');
  });

  test('never goes back to an older key: what it signs could outlive the key', async () => {
    await expect(sign(['signing', 'waiting', 'later'])).rejects.toThrow(Fault);
  });

  test('keeps its key when another one is revoked', async () => {
    expect((await sign(['retiring', 'waiting'])).key.kid).toBe('signing');
  });

  test('accepts nothing a revoked key signed', async () => {
    const { verification } = await sign(['retiring', 'signing']);
    expect(verification.map(({ kid }) => kid)).toEqual(['waiting', 'later']);
  });

  test('is a fault while nobody can tell what is revoked', async () => {
    const unknown = () => Promise.reject(new Fault('store', 'DynamoDB did not answer'));
    await expect(
      signer({ ring: async () => ring, refreshed: async () => ring }, unknown, () => start)(),
    ).rejects.toThrow(Fault);
  });
});

describe('a signer whose ring has no key that may sign', () => {
  /** A secret as it is published, how often it was asked for, and a signer with a ring from before. */
  function published(first: KeyRing) {
    const clock = testClock();
    const secret = { ring: first, asked: 0 };
    const source = secretSource(
      async () => {
        secret.asked += 1;
        return { value: JSON.stringify(secret.ring), versionId: 'v' };
      },
      { ttl: 300_000, stale: 3_600_000 },
      clock,
    );
    const revoked = new Set<string>();
    return { clock, secret, revoked, next: signer(source, async (kid) => revoked.has(kid), clock) };
  }

  test('signs with the key that was published since, long before its ring is due', async () => {
    const { clock, secret, revoked, next } = published({ keys: [key('only', second - 1000)] });
    expect((await next()).key.kid).toBe('only');
    revoked.add('only');
    secret.ring = { keys: [key('since', second)] };
    clock.advance(1000);
    const { key: signing, verification } = await next();
    expect([signing.kid, verification.map(({ kid }) => kid)]).toEqual(['since', ['since']]);
  });

  test('asks for one at most once in ten seconds, and is a fault until it is there', async () => {
    const { clock, secret, revoked, next } = published({ keys: [key('only', second - 1000)] });
    revoked.add('only');
    for (let waited = 0; waited < 30; waited += 1) {
      await expect(Promise.all([next(), next()])).rejects.toThrow(Fault);
      clock.advance(1000);
    }
    // The first time, and then every ten seconds.
    expect(secret.asked).toBe(4);
  });
});
