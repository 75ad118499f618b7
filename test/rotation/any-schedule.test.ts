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
import { rotate } from '../../lambda/secrets/ring-rotation.ts';
import { start } from '../support/clock.ts';
import { runs } from '../support/runs.ts';
import { bounds, key, second } from './ring.ts';

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
