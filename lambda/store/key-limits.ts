import type { ApiKeyRow } from './rows.ts';

/**
 * What one use of a key does to its limits, in the order of Better Auth's `verifyApiKey`
 * (@better-auth/api-key 1.7.5): first the remaining uses with their refill, then the rate limit.
 */
export interface KeyUse {
  /** `none`: not limited. `refill`: the uses begin anew, with this one taken. */
  readonly quota: 'none' | 'take' | 'refill' | 'exhausted';
  /** `start`: a new window with this use in it. `spent`: the window is open and full. */
  readonly window: 'none' | 'start' | 'count' | 'spent';
}

type Limits = Pick<
  ApiKeyRow,
  | 'createdAt'
  | 'remaining'
  | 'refillAmount'
  | 'refillInterval'
  | 'lastRefillAt'
  | 'rateLimitEnabled'
  | 'rateLimitMax'
  | 'rateLimitTimeWindow'
  | 'requestCount'
  | 'lastRequest'
>;

/** Does a use of this key have to be counted? */
export const isLimited = (row: Limits): boolean => row.remaining !== null || rateOf(row) !== undefined;

/** What a use at this moment does. Pure. @param now epoch milliseconds */
export const planUse = (row: Limits, now: number): KeyUse => ({
  quota: quotaUse(row, now),
  window: windowUse(row, now),
});

export type UseRefusal = 'quota_exhausted' | 'rate_limited';

/** Why this use is refused, if it is. */
export function refusalOf({ quota, window }: KeyUse): UseRefusal | undefined {
  if (quota === 'exhausted') return 'quota_exhausted';
  return window === 'spent' ? 'rate_limited' : undefined;
}

/** Does it change the row? A use that the rate limit refuses has taken one of the remaining uses all the same. */
export const changesRow = ({ quota, window }: KeyUse): boolean =>
  quota !== 'exhausted' && !(quota === 'none' && window === 'spent');

function quotaUse(row: Limits, now: number): KeyUse['quota'] {
  if (row.remaining === null) return 'none';
  if (isRefillDue(row, now)) return 'refill';
  return row.remaining > 0 ? 'take' : 'exhausted';
}

function isRefillDue(
  { refillAmount, refillInterval, lastRefillAt, createdAt }: Limits,
  now: number,
): boolean {
  if (!refillAmount || !refillInterval) return false;
  return now - (lastRefillAt ?? createdAt ?? 0) > refillInterval;
}

interface Rate {
  readonly max: number;
  /** Milliseconds. */
  readonly window: number;
}

/** Only `false` switches a rate limit off, as for Better Auth: a row without the field is limited. */
function rateOf({ rateLimitEnabled, rateLimitMax, rateLimitTimeWindow }: Limits): Rate | undefined {
  if (rateLimitEnabled === false || rateLimitMax === null || rateLimitTimeWindow === null) return undefined;
  return { max: rateLimitMax, window: rateLimitTimeWindow };
}

/** A window slides: it lasts from the latest use that was let through. */
function windowUse(row: Limits, now: number): KeyUse['window'] {
  const rate = rateOf(row);
  if (!rate) return 'none';
  if (row.lastRequest === null) return 'start';
  const elapsed = now - row.lastRequest;
  if (elapsed > rate.window) return 'start';
  if ((row.requestCount ?? 0) >= rate.max) return 'spent';
  // In this very millisecond Better Auth refuses a full window and begins anew after any other.
  return elapsed === rate.window ? 'start' : 'count';
}
