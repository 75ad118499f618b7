import { randomBytes } from 'node:crypto';
import * as v from 'valibot';

/** A signing key. `k` is text; the HMAC key is its UTF-8 bytes (as Better Auth uses its secret). */
export interface RingKey {
  readonly kid: string;
  readonly k: string;
  /** Epoch seconds from which it may sign. Verifiers accept it before: their clocks differ. */
  readonly signFrom: number;
  /** Epoch seconds from which nothing verifies under it any more. Absent: until a rotation says. */
  readonly verifyUntil?: number;
}

/** Signing keys in the order of `signFrom`. Next, active and retiring follow from the clock. */
export interface KeyRing {
  readonly keys: readonly RingKey[];
}

/** More keys than any schedule needs; fewer than would make an unknown signature expensive to refuse. */
export const ringLimit = 16;

/** Bytes of randomness in a generated key, as many as HMAC-SHA256 can use (RFC 2104 §3). */
const keyBytes = 32;

/** Characters below which a secret could be guessed offline from one token. */
const shortest = 32;

export const kidPattern = /^[A-Za-z0-9_-]{1,64}$/;

const second = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const ringKey = v.object({
  kid: v.pipe(v.string(), v.regex(kidPattern)),
  k: v.pipe(v.string(), v.minLength(shortest)),
  signFrom: second,
  verifyUntil: v.optional(second),
});

const keyRing = v.object({
  keys: v.pipe(
    v.array(ringKey),
    v.minLength(1),
    v.maxLength(ringLimit),
    // Two keys of one name, and a revocation would name only one of them.
    v.check((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
  ),
});

/**
 * Reads a secret's value: a ring in JSON, or a plain string (the secrets of before), which is a ring of one.
 * `undefined` when it is neither; nothing about the value is said, so that no error can carry a part of it.
 *
 * @param versionId becomes the `kid` of a plain string
 */
export function parseKeyRing(value: string, versionId: string): KeyRing | undefined {
  if (!value.trimStart().startsWith('{')) {
    return value.length >= shortest && kidPattern.test(versionId)
      ? { keys: [{ kid: versionId, k: value, signFrom: 0 }] }
      : undefined;
  }
  try {
    const parsed = v.safeParse(keyRing, JSON.parse(value));
    return parsed.success ? ordered(parsed.output.keys) : undefined;
  } catch {
    return undefined;
  }
}

const ordered = (keys: readonly v.InferOutput<typeof ringKey>[]): KeyRing => ({
  keys: keys
    .map(({ verifyUntil, ...key }) => (verifyUntil === undefined ? key : { ...key, verifyUntil }))
    .sort((a, b) => a.signFrom - b.signFrom),
});

/** A fresh key. Its name is random, so that it says nothing about the key and is never used again. */
export const generateKey = (signFrom: number): RingKey => ({
  kid: randomBytes(12).toString('base64url'),
  k: randomBytes(keyBytes).toString('base64url'),
  signFrom,
});

export const serializeKeyRing = (ring: KeyRing): string => JSON.stringify(ring);

/** The newest key whose `signFrom` has come and that still verifies. @param now epoch milliseconds */
export function signingKey(ring: KeyRing, now: number): RingKey | undefined {
  return verificationKeys(ring, now).findLast(({ signFrom }) => signFrom * 1000 <= now);
}

/** Every key before its `verifyUntil`, also one that does not sign yet. @param now epoch milliseconds */
export const verificationKeys = (ring: KeyRing, now: number): readonly RingKey[] =>
  ring.keys.filter(({ verifyUntil }) => verifyUntil === undefined || now < verifyUntil * 1000);

/** Was this key a plain string once? Nothing else signs from the beginning of time. */
export const isCarriedOver = ({ signFrom }: RingKey): boolean => signFrom === 0;
