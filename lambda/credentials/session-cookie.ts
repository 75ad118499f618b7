import type { RingKey } from '../secrets/key-ring.ts';
import { isHmac } from './hmac.ts';

/** A `session_token` cookie in its two parts. Unverified. */
export interface SignedToken {
  readonly token: string;
  readonly signature: string;
}

/** Standard base64 of 32 bytes: 43 characters and one `=` (better-call 1.4, `signCookieValue`). */
const signatureLength = 44;

/** `\w` is several times as fast as its characters in a list, and has one that base64 has not: `_`. */
const signaturePattern = /^[\w+/]+=$/;
const isSignature = (text: string): boolean =>
  text.length === signatureLength && signaturePattern.test(text) && !text.includes('_');

/** Splits at the last dot, as Better Auth does. `undefined`: not signed, so nothing to verify. */
export function splitSignedToken(cookie: string): SignedToken | undefined {
  const dot = cookie.lastIndexOf('.');
  const signature = cookie.slice(dot + 1);
  if (dot <= 0 || !isSignature(signature)) return undefined;
  return { token: cookie.slice(0, dot), signature };
}

export const isSignedBy = ({ token, signature }: SignedToken, key: RingKey): boolean =>
  isHmac(key, token, signature, 'base64');
