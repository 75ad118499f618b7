import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import type { KeyRing, RingKey } from '../../lambda/secrets/key-ring.ts';
import { signer } from '../../lambda/secrets/signer.ts';
import { start } from '../support/clock.ts';

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
    { ring: async () => of },
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
    await expect(signer({ ring: async () => ring }, unknown, () => start)()).rejects.toThrow(Fault);
  });
});
