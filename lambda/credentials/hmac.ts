import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Does HMAC-SHA256 under the UTF-8 of `secret` give this signature, in exactly this spelling? Comparing bytes
 * one by one until they differ would tell an attacker how far a guess is right.
 */
export function isHmac(
  secret: string,
  signed: string,
  signature: string,
  encoding: 'base64' | 'base64url',
): boolean {
  const expected = createHmac('sha256', secret).update(signed).digest(encoding);
  const a = Buffer.from(expected);
  const b = Buffer.from(signature);
  return a.length === b.length && timingSafeEqual(a, b);
}
