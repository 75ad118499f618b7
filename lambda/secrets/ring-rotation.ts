import {
  generateKey,
  ringLimit,
  signingKey,
  verificationKeys,
  type KeyRing,
  type RingKey,
} from './key-ring.ts';

/** What a rotation must leave between a key and the next. All in seconds. */
export interface RotationBounds {
  /** From the making of a key to its first signature: longer than any reader goes without a fresh ring. */
  readonly publishDelay: number;
  /** Longest time that anything signed is valid. */
  readonly longestLifetime: number;
  /** By how much two clocks may differ. */
  readonly skew: number;
}

export interface RotateOptions extends RotationBounds {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Names of keys that must not be in any ring again. */
  readonly revoked: ReadonlySet<string>;
}

/**
 * - `appended`: there is a new key
 * - `waiting`: there is one that does not sign yet, so none was added
 * - `promoted`: the signing key was revoked, and the one that waited signs from now on
 * - `full`: every key is still needed, and there is no room for another
 */
export type RotationOutcome = 'appended' | 'waiting' | 'promoted' | 'full';

export interface RotatedRing {
  readonly outcome: RotationOutcome;
  readonly ring: KeyRing;
}

/**
 * The ring after a rotation: without expired and revoked keys, and with a key that will sign.
 *
 * ```text
 *  made     published         signFrom                                verifyUntil
 *   |--- publishDelay ------------|                                        |      the new key
 *   |          every reader       |--- longestLifetime + skew -------------|      the keys before it
 * ```
 *
 * A key that waits is enough: a second one would push back the end of the first for nothing. When the signing
 * key was revoked there is nothing left to overlap with, so the next one signs at once; a key that has retired
 * never signs again, since it stops verifying before what it would sign now has expired.
 */
export function rotate(ring: KeyRing, options: RotateOptions): RotatedRing {
  const { now, revoked, publishDelay } = options;
  const keys = verificationKeys(ring, now).filter(({ kid }) => !revoked.has(kid));
  const last = signingKey(ring, now);
  const signer = keys.find((key) => key === last);
  const next = keys.find(({ signFrom }) => signFrom * 1000 > now);
  if (next && signer) {
    // Only what outlives its plan: the key that was to follow may have been revoked, and another follows later.
    const kept = keys.map((key) =>
      key === signer && key.verifyUntil !== undefined ? until(endOf(next, options), key) : key,
    );
    return { outcome: 'waiting', ring: { keys: kept } };
  }
  const second = Math.floor(now / 1000);
  if (next) {
    const promoted = keys.map((key) => (key === next ? { ...key, signFrom: second } : key));
    return { outcome: 'promoted', ring: { keys: promoted } };
  }
  if (keys.length >= ringLimit) return { outcome: 'full', ring: { keys } };
  // A second more: the delay is from now, and now is within a second.
  const added = generateKey(signer ? second + 1 + publishDelay : second);
  const retiring = keys.map((key) =>
    key === signer || key.verifyUntil === undefined ? until(endOf(added, options), key) : key,
  );
  return { outcome: 'appended', ring: { keys: [...retiring, added] } };
}

/** When nothing is valid any more that the keys before `next` signed. Epoch seconds. */
export const endOf = (next: RingKey, { longestLifetime, skew }: RotationBounds): number =>
  next.signFrom + longestLifetime + skew;

/** The key with this end, or a later one that it has already: readers may have been told. */
const until = (end: number, key: RingKey): RingKey => ({
  ...key,
  verifyUntil: Math.max(end, key.verifyUntil ?? end),
});
