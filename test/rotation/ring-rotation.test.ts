import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  generateKey,
  parseKeyRing,
  ringLimit,
  serializeKeyRing,
  signingKey,
  verificationKeys,
  type KeyRing,
} from '../../lambda/secrets/key-ring.ts';
import { rotate, type RotateOptions } from '../../lambda/secrets/ring-rotation.ts';
import { start } from '../support/clock.ts';
import { runs } from '../support/runs.ts';

const bounds = { publishDelay: 4200, longestLifetime: 3600, skew: 30 };
const second = Math.floor(start / 1000);
const key = (kid: string, signFrom: number, verifyUntil?: number) => ({
  kid,
  k: kid.padEnd(32, '-'),
  signFrom,
  ...(verifyUntil === undefined ? {} : { verifyUntil }),
});
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

/** What was current, from when on. Milliseconds. */
interface Published {
  readonly from: number;
  readonly ring: KeyRing;
}

const ttl = 300;
const stale = 3600;
const oldest = (ttl + stale) * 1000;
const margin = bounds.publishDelay * 1000 - oldest;
/** Seconds from a rotation to the next, and milliseconds that each takes: short, and long, and everything else. */
const schedule = fc.array(
  fc.record({
    after: fc.oneof(
      fc.integer({ min: 0, max: 9000 }),
      fc.constantFrom(4199, 4200, 4201, 4202, 8000, 2_592_000),
    ),
    takes: fc.integer({ min: 0, max: margin }),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);

/** Extension tokens, and sessions, which fill a ring when rotations follow each other closely. */
const anyLifetime = fc.constantFrom(3600, 7 * 24 * 3600);

function publish(
  steps: readonly { after: number; takes: number }[],
  first: KeyRing,
  longestLifetime: number,
): readonly Published[] {
  const history: Published[] = [{ from: start, ring: first }];
  let now = start;
  for (const { after, takes } of steps) {
    now += after * 1000;
    const { outcome, ring } = rotate(history.at(-1)?.ring ?? first, {
      ...bounds,
      longestLifetime,
      now,
      revoked: new Set(),
    });
    now += takes;
    if (outcome !== 'full') history.push({ from: now, ring });
  }
  return history;
}

/** Every ring that a reader may go by at a moment. */
const readable = (history: readonly Published[], now: number): readonly KeyRing[] =>
  history
    .filter(({ from }, index) => from <= now && (history[index + 1]?.from ?? Infinity) >= now - oldest)
    .map(({ ring }) => ring);

/** Where something changes, a millisecond before, and how long anybody may not have seen it. */
const edgesOf = (history: readonly Published[]): readonly number[] => [
  ...new Set(
    history.flatMap(({ from, ring }) => [
      from,
      from + oldest,
      ...ring.keys.flatMap(({ signFrom }) => [signFrom * 1000 - 1, signFrom * 1000]),
    ]),
  ),
];

/** Does every reader at `moment` verify what any reader signed at `signed`? */
function isReadable(history: readonly Published[], signed: number, moment: number): boolean {
  const kids = new Set(readable(history, signed).map((ring) => signingKey(ring, signed)?.kid));
  const rings = readable(history, moment).map((ring) => verificationKeys(ring, moment));
  return [...kids].every((kid) => rings.every((keys) => keys.some((each) => each.kid === kid)));
}

const anyFirst = fc.constantFrom<KeyRing>(
  { keys: [key('one', second)] },
  { keys: [key('plain', 0)] },
  { keys: [generateKey(second), generateKey(second + bounds.publishDelay)] },
);

describe('over any schedule of rotations', () => {
  test('exactly one key signs at every moment, and a ring never exceeds its limit', () => {
    fc.assert(
      fc.property(schedule, anyFirst, anyLifetime, (steps, first, lifetime) => {
        const history = publish(steps, first, lifetime);
        for (const [index, { from, ring }] of history.entries()) {
          expect(ring.keys.length).toBeLessThanOrEqual(ringLimit);
          expect(parseKeyRing(serializeKeyRing(ring), 'v')).toEqual(ring);
          const until = history[index + 1]?.from ?? from + 100_000_000;
          for (const moment of [from, (from + until) / 2, until - 1]) {
            const signing = ring.keys.filter((each) => each === signingKey(ring, moment));
            expect(signing).toHaveLength(1);
          }
        }
      }),
      runs(300),
    );
  });

  test('what any reader signs verifies at any other until it expires, each with a ring as old as it may be', () => {
    const offsets = fc.array(fc.nat(9_000_000), { maxLength: 20 });
    fc.assert(
      fc.property(schedule, anyFirst, anyLifetime, offsets, (steps, first, lifetime, more) => {
        const history = publish(steps, first, lifetime);
        const moments = [...edgesOf(history), ...more.map((offset) => start + offset)];
        for (const signed of moments.filter((each) => each >= start)) {
          const expires = signed + (lifetime + bounds.skew) * 1000;
          const read = [signed, ...moments.filter((each) => each > signed && each < expires), expires - 1];
          expect(read.filter((moment) => !isReadable(history, signed, moment))).toEqual([]);
        }
      }),
      runs(50),
    );
  });

  test('with revocations in between, one key signs, and no revoked one is seen again', () => {
    const revocations = fc.array(
      fc.record({ after: fc.nat(9000), revoke: fc.option(fc.nat(ringLimit), { nil: undefined }) }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(revocations, (steps) => {
        let ring: KeyRing = { keys: [key('one', second)] };
        let now = start;
        const revoked = new Set<string>();
        for (const { after, revoke } of steps) {
          now += after * 1000;
          if (revoke !== undefined) revoked.add(ring.keys[revoke % ring.keys.length]?.kid ?? '');
          ring = rotate(ring, { ...bounds, now, revoked }).ring;
          expect(signingKey(ring, now)).toBeDefined();
          expect(ring.keys.filter(({ kid }) => revoked.has(kid))).toEqual([]);
          expect(ring.keys.length).toBeLessThanOrEqual(ringLimit);
        }
      }),
      runs(300),
    );
  });
});
