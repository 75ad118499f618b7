import { describe, expect, test } from '@jest/globals';
import { overlapFlaw } from '../../lambda/rotation/overlap.ts';
import { lifetimes } from '../../lambda/rotation/lifetimes.ts';
import { sessionLifetime } from '../../lambda/identity/auth.ts';
import type { KeyRing, RingKey } from '../../lambda/secrets/key-ring.ts';
import { rotate } from '../../lambda/secrets/ring-rotation.ts';
import { start } from '../support/clock.ts';
import { bounds, key, second } from './ring.ts';

const options = { ...bounds, now: start, revoked: new Set<string>() };
const soonest = Math.ceil(start / 1000) + bounds.oldestRing;
const end = soonest + bounds.longestLifetime + bounds.skew;

const current: KeyRing = { keys: [key('old', 1, second + 100), key('signing', 2)] };
const good: readonly RingKey[] = [key('old', 1, second + 100), key('signing', 2, end), key('new', soonest)];
const flaw = (keys: readonly RingKey[], revoked: readonly string[] = [], now = start) =>
  overlapFlaw(current, { keys }, { ...options, now, revoked: new Set(revoked) });
const changed = (kid: string, change: Partial<RingKey>) =>
  good.map((each) => (each.kid === kid ? { ...each, ...change } : each));

describe('a pending ring overlaps with the current one', () => {
  test.each<[string, readonly RingKey[]]>([
    ['with a key that signs once every reader has seen it', good],
    ['without a new key', current.keys],
    ['with an end that is later than it has to be', changed('signing', { verifyUntil: end + 1 })],
  ])('%s', (_, keys) => expect(flaw(keys)).toBeUndefined());

  test('without a key that has expired', () => {
    const keys = [key('signing', 2, end + 100), key('new', soonest + 100)];
    expect(flaw(keys, [], (second + 100) * 1000 - 1)).toMatch(/old signed would not verify/);
    expect(flaw(keys, [], (second + 100) * 1000)).toBeUndefined();
  });

  test('when the signing key was revoked: with a new one that signs at once', () => {
    expect(flaw([key('old', 1, second + 100), key('new', second)], ['signing'])).toBeUndefined();
    expect(flaw([key('old', 1, second + 100)], ['signing'])).toBeUndefined();
    expect(flaw([key('new', second + 1)], ['signing', 'old'])).toBe('none of its keys signs');
  });
});

describe('a pending ring is refused', () => {
  test.each<[string, readonly RingKey[], RegExp]>([
    [
      'whose new key signs a second too early',
      changed('new', { signFrom: soonest - 1 }),
      /new would sign before/,
    ],
    [
      'without the key that signs',
      [good[0], good[2]].flatMap((each) => each ?? []),
      /signing signed would not/,
    ],
    [
      'whose signing key ends a second too early',
      changed('signing', { verifyUntil: end - 1 }),
      /signing signed/,
    ],
    ['without a retired key', good.slice(1), /old signed would not/],
    [
      'whose retired key ends earlier than was said',
      changed('old', { verifyUntil: second + 99 }),
      /old signed/,
    ],
    ['with another key under the same name', changed('signing', { k: 'x'.repeat(32) }), /signing signed/],
    ['with a key that begins at another time', changed('signing', { signFrom: 3 }), /signing signed/],
    [
      'with the same key under two names',
      changed('new', { k: key('old', 0).k }),
      /new is another under a new name/,
    ],
    [
      'with an end for the key that signs, and none that follows',
      changed('signing', {}).slice(0, 2),
      /signing/,
    ],
  ])('%s', (_, keys, reason) => expect(flaw(keys)).toMatch(reason));

  test('with a revoked key, whatever else is in it', () => {
    for (const each of good) expect(flaw(good, [each.kid])).toBe(`key ${each.kid} has been revoked`);
  });
});

test('what a rotation makes of a ring overlaps with it', () => {
  expect(overlapFlaw(current, rotate(current, options).ring, options)).toBeUndefined();
  for (const revoked of [['signing'], ['old'], ['old', 'signing']]) {
    const given = { ...options, revoked: new Set(revoked) };
    expect(overlapFlaw(current, rotate(current, given).ring, given)).toBeUndefined();
  }
});

test('sessions live no longer than their keys are kept', () => {
  expect(lifetimes['better-auth']).toBe(sessionLifetime);
});
