import type { RingKey } from '../../lambda/secrets/key-ring.ts';
import { start } from '../support/clock.ts';

export const bounds = { publishDelay: 4200, oldestRing: 3900, longestLifetime: 3600, skew: 30 };

/** The second in which the test's clock stands. */
export const second = Math.floor(start / 1000);

/** A key that looks like its name. */
export const key = (kid: string, signFrom: number, verifyUntil?: number): RingKey => ({
  kid,
  k: kid.padEnd(32, '-'),
  signFrom,
  ...(verifyUntil === undefined ? {} : { verifyUntil }),
});
