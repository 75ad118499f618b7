import { createHmac } from 'node:crypto';
import { isSignedBy, splitSignedToken } from '../credentials/session-cookie.ts';
import type { Signing } from '../secrets/signer.ts';

/** A Cookie header whose signatures are all of the key that signs now. */
export interface Resigned {
  readonly cookie: string;
  /** Names and values of the cookies that were signed anew. */
  readonly renewed: ReadonlyMap<string, string>;
}

/**
 * Signs again what an older key of the ring signed. Better Auth verifies under one secret alone: without this,
 * rotating it would log everybody out, and a sign-out with an older cookie would leave its session alive.
 *
 * Every short signed cookie is renewed, not the session's alone: with `dont_remember` left behind, a browser's
 * session would become one of seven days. The cookie cache is dropped whenever something was renewed; Better
 * Auth makes a new one from the row.
 *
 * @param cache name of the cookie cache, which chunks extend by `.0`, `.1`, …
 */
export function resign(cookie: string, { key, verification }: Signing, cache: string): Resigned {
  const renewed = new Map<string, string>();
  const pairs = cookie.split(';').map((pair) => {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    const signed = splitSignedToken(decode(pair.slice(equals + 1).trim()));
    if (name === '' || !signed || isSignedBy(signed, key)) return { name, pair };
    if (!verification.some((older) => isSignedBy(signed, older))) return { name, pair };
    const value = encodeURIComponent(
      `${signed.token}.${createHmac('sha256', key.k).update(signed.token).digest('base64')}`,
    );
    renewed.set(name, value);
    return { name, pair: `${name}=${value}` };
  });
  if (renewed.size === 0) return { cookie, renewed };
  const kept = pairs.filter(({ name }) => name !== cache && !name.startsWith(`${cache}.`));
  return { cookie: kept.map(({ pair }) => pair.trim()).join('; '), renewed };
}

/** What cannot be decoded is not ours, and stays as it is. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
