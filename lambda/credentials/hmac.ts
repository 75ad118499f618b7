import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { RingKey } from '../secrets/key-ring.ts';

/**
 * Does HMAC-SHA256 under the UTF-8 of the key's text give this signature, in exactly this spelling? Comparing bytes
 * one by one until they differ would tell an attacker how far a guess is right.
 */
export function isHmac(
  key: RingKey,
  signed: string | Uint8Array,
  signature: string,
  encoding: 'base64' | 'base64url',
): boolean {
  const expected = createHmac('sha256', keyObject(key)).update(signed).digest(encoding);
  if (signature.length !== expected.length) return false;
  const { mine, theirs } = scratch[encoding];
  mine.write(expected);
  // A character beyond ASCII has bytes that no signature has. What did not fit would leave a byte of the signature before.
  return theirs.write(signature) === expected.length && timingSafeEqual(mine, theirs);
}

const pairOf = (length: number) => ({ mine: Buffer.alloc(length), theirs: Buffer.alloc(length) });

/** Written over by every comparison: two new buffers for each would cost a tenth of it. 32 bytes, with and without `=`. */
const scratch = { base64: pairOf(44), base64url: pairOf(43) };

/** Made once for each key of a ring: from text it would be made for every signature. */
const made = new WeakMap<RingKey, KeyObject>();

function keyObject(key: RingKey): KeyObject {
  const known = made.get(key);
  if (known) return known;
  const object = createSecretKey(Buffer.from(key.k));
  made.set(key, object);
  return object;
}
