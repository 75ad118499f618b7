import { describe, expect, test } from '@jest/globals';
import { parseKeyRing, ringLimit, signingKey, type KeyRing } from '../../lambda/secrets/key-ring.ts';
import { rotate, type RotateOptions } from '../../lambda/secrets/ring-rotation.ts';
import { start } from '../support/clock.ts';
import { bounds, key, second } from './ring.ts';

const at = (offset: number, revoked: readonly string[] = []): RotateOptions => ({
  ...bounds,
  now: start + offset * 1000,
  revoked: new Set(revoked),
});

describe('a rotation', () => {
  test('appends a key that waits, and says until when the one before it verifies', () => {
    const { outcome, ring } = rotate({ keys: [key('a', 1)] }, at(0));
    const [before, added] = ring.keys;
    expect(outcome).toBe('appended');
    expect(added?.signFrom).toBe(second + 1 + bounds.publishDelay);
    expect(added).not.toHaveProperty('verifyUntil');
    expect(before).toEqual(key('a', 1, second + 1 + 4200 + 3600 + 30));
  });

  test('while a key waits adds nothing and leaves every key as it is', () => {
    const { ring } = rotate({ keys: [key('a', 1)] }, at(0));
    expect(rotate(ring, at(4200))).toEqual({ outcome: 'waiting', ring });
    expect(rotate(ring, at(4201)).outcome).toBe('appended');
  });

  test('leaves alone what an earlier one said of a retired key', () => {
    const { ring } = rotate({ keys: [key('a', 1, second + 60), key('b', 2)] }, at(0));
    expect(ring.keys[0]).toEqual(key('a', 1, second + 60));
  });

  test('ends a retired key that no rotation has ended: a ring may be written by hand', () => {
    const { ring } = rotate({ keys: [key('a', 1), key('b', 2)] }, at(0));
    expect(ring.keys[0]?.verifyUntil).toBe(second + 1 + 4200 + 3600 + 30);
  });

  test('removes expired keys, in the millisecond they expire', () => {
    const keys = [key('old', 1, second + 10), key('b', 2)];
    expect(rotate({ keys }, { ...at(0), now: (second + 10) * 1000 - 1 }).ring.keys).toHaveLength(3);
    expect(rotate({ keys }, { ...at(0), now: (second + 10) * 1000 }).ring.keys).toHaveLength(2);
  });

  test('carries a plain string over under the name of its version, as a key from before keys had names', () => {
    const plain = parseKeyRing('a secret of before, as it was typed', 'version-1') ?? { keys: [] };
    const { ring } = rotate(plain, at(0));
    expect(ring.keys).toHaveLength(2);
    expect(ring.keys[0]).toMatchObject({
      kid: 'version-1',
      k: 'a secret of before, as it was typed',
      signFrom: 0,
    });
  });

  test('of a full ring removes nothing that still verifies, and adds nothing', () => {
    const keys = Array.from({ length: ringLimit }, (_, index) => key(`k${index}`, index));
    expect(rotate({ keys }, at(0))).toEqual({ outcome: 'full', ring: { keys } });
    expect(rotate({ keys }, at(0, ['k3'])).ring.keys).toHaveLength(ringLimit);
  });
});

describe('a revoked key', () => {
  const ring: KeyRing = {
    keys: [key('old', 1, second + 500), key('signing', 2, second + 1000 + 3630), key('next', second + 1000)],
  };
  const kids = ({ keys }: KeyRing) => keys.map(({ kid }) => kid);

  test('that has retired leaves the ring, and nothing else changes', () => {
    expect(rotate(ring, at(0, ['old']))).toEqual({ outcome: 'waiting', ring: { keys: ring.keys.slice(1) } });
  });

  test('that signs makes the one that waits sign at once, and never one that has retired', () => {
    const rotated = rotate(ring, at(0, ['signing']));
    expect(rotated.outcome).toBe('promoted');
    expect(kids(rotated.ring)).toEqual(['old', 'next']);
    expect(signingKey(rotated.ring, start)?.kid).toBe('next');
  });

  test('that signs while none waits is followed by a new one at once', () => {
    const rotated = rotate({ keys: ring.keys.slice(0, 2) }, at(0, ['signing']));
    expect(rotated.outcome).toBe('appended');
    expect(kids(rotated.ring)).not.toContain('signing');
    expect(signingKey(rotated.ring, start)).toEqual(rotated.ring.keys.at(-1));
  });

  test('that waits is replaced, and the key that signs meanwhile lives on for what it then signs', () => {
    const { ring: replaced } = rotate(ring, at(900, ['next']));
    const [signing, added] = replaced.keys;
    expect(signing?.kid).toBe('signing');
    expect(added?.signFrom).toBe(second + 901 + 4200);
    expect(signing?.verifyUntil).toBe(second + 901 + 4200 + 3630);
  });
});
