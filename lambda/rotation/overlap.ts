import { signingKey, verificationKeys, type KeyRing, type RingKey } from '../secrets/key-ring.ts';
import { endOf, type RotationBounds } from '../secrets/ring-rotation.ts';

export interface OverlapOptions extends RotationBounds {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly revoked: ReadonlySet<string>;
  /** Seconds that a reader may go on with the ring it has. */
  readonly oldestRing: number;
}

/**
 * Why `pending` must not take the place of `current`, or `undefined` when it may: what a reader of either ring
 * signs, a reader of the other verifies until it expires. Each reason is for good: that version can never be
 * published any more. Names keys by their `kid` only.
 */
export function overlapFlaw(current: KeyRing, pending: KeyRing, options: OverlapOptions): string | undefined {
  const { now, revoked } = options;
  const back = pending.keys.find(({ kid }) => revoked.has(kid));
  if (back) return `key ${back.kid} has been revoked`;
  const added = pending.keys.filter(({ kid }) => !current.keys.some((key) => key.kid === kid));
  const copy = added.find((key) => pending.keys.some((other) => other !== key && other.k === key.k));
  if (copy) return `key ${copy.kid} is another under a new name`;

  const kept = verificationKeys(current, now).filter(({ kid }) => !revoked.has(kid));
  const last = signingKey(current, now);
  const signer = kept.find((key) => key === last);
  if (!signer && !signingKey(pending, now)) return 'none of its keys signs';

  const early = signer && added.find((key) => !isSeenInTime(key, options));
  if (early) return `key ${early.kid} would sign before every reader has seen it`;

  const next = signer ? pending.keys.find(({ signFrom }) => signFrom * 1000 > now) : signingKey(pending, now);
  const end = next ? endOf(next, options) : Number.POSITIVE_INFINITY;
  const lost = kept.find((key) => {
    const planned = key.verifyUntil ?? end;
    const needed = key === signer ? Math.max(planned, end) : planned;
    return !pending.keys.some((other) => isKept(key, other, needed, !signer));
  });
  return lost && `what key ${lost.kid} signed would not verify until it expires`;
}

const isSeenInTime = ({ signFrom }: RingKey, { now, oldestRing }: OverlapOptions): boolean =>
  signFrom * 1000 >= now + oldestRing * 1000;

/** Nothing of a key may change but its end, and, where nothing signs any more, its beginning. */
const isKept = (key: RingKey, other: RingKey, needed: number, maySignEarlier: boolean): boolean =>
  other.kid === key.kid &&
  other.k === key.k &&
  (maySignEarlier ? other.signFrom <= key.signFrom : other.signFrom === key.signFrom) &&
  (other.verifyUntil ?? Number.POSITIVE_INFINITY) >= needed;
