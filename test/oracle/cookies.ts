import { createHmac } from 'node:crypto';
import { compactCache, signedToken } from '../support/cookie.ts';
import type { Strategy } from './better-auth.ts';
import type { SessionCase, TokenState } from './session-case.ts';

/** What a cookie cache says. Dates as in JSON. */
export interface CachePayload {
  readonly session: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
  readonly updatedAt: number;
  readonly version: string;
}

/** Seconds a cookie cache is good for. */
export const cacheLife = 300;

/** A cookie cache by Better Auth's rules. @param now epoch milliseconds, when it is made */
export function forgedCache(payload: CachePayload, strategy: Strategy, secret: string, now: number): string {
  if (strategy === 'compact') return compactCache(payload, now + cacheLife * 1000, secret);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iat = Math.floor(now / 1000);
  const signed = `${part({ alg: 'HS256' })}.${part({ ...payload, iat, exp: iat + cacheLife })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A browser takes no cookie of more than 4 KB: a longer value is split, as Better Auth splits it. */
const chunk = 3800;

export function pairsOf(name: string, value: string): readonly string[] {
  if (value.length <= chunk) return [`${name}=${value}`];
  return Array.from(
    { length: Math.ceil(value.length / chunk) },
    (_, index) => `${name}.${index}=${value.slice(index * chunk, (index + 1) * chunk)}`,
  );
}

/** One character of a text is another one. Always another. */
export function changedAt(text: string, place: number, character: string): string {
  const at = Math.floor(place * text.length);
  return text.slice(0, at) + (text[at] === character ? '~' : character) + text.slice(at + 1);
}

export interface Secrets {
  readonly signing: string;
  readonly older: string;
  readonly foreign: string;
}

/** The pairs of the session cookie, and why they are no session where their text alone says so. */
export interface TokenCookies {
  readonly pairs: readonly string[];
  readonly refusal?: string;
}

export function tokenCookies(
  given: SessionCase,
  name: string,
  otherName: string,
  token: string,
  secrets: Secrets,
): TokenCookies {
  const value = signedToken(token, secrets.signing);
  const pair = (text: string): string => `${name}=${encodeURIComponent(text)}`;
  const malformed = 'credential_malformed';
  const states: Readonly<Record<TokenState, () => TokenCookies>> = {
    good: () => ({ pairs: [pair(value)] }),
    quoted: () => ({ pairs: [`${name}="${encodeURIComponent(value)}"`] }),
    'sent twice': () => ({ pairs: [pair(value), pair(value)] }),
    'another beside it': () => ({
      pairs: [pair(value), pair(signedToken(`${token.slice(1)}x`, secrets.signing))],
      refusal: 'credential_ambiguous',
    }),
    absent: () => ({ pairs: [], refusal: 'credential_missing' }),
    'other name': () => ({
      pairs: [`${otherName}=${encodeURIComponent(value)}`],
      refusal: 'credential_missing',
    }),
    unsigned: () => ({ pairs: [pair(token)], refusal: malformed }),
    changed: () => {
      const text = changedAt(value, given.place, given.character);
      return { pairs: [pair(text)], refusal: isSigned(text) ? 'signature_invalid' : malformed };
    },
    truncated: () => ({
      pairs: [pair(value.slice(0, Math.floor(given.place * value.length)))],
      refusal: malformed,
    }),
    'other secret': () => ({
      pairs: [pair(signedToken(token, secrets.foreign))],
      refusal: 'signature_invalid',
    }),
    'older key': () => ({ pairs: [pair(signedToken(token, secrets.older))] }),
    'another cookie’s value': () => ({
      pairs: [pair(signedToken('true', secrets.signing))],
      refusal: 'credential_unknown',
    }),
    'nobody’s': () => ({
      pairs: [pair(signedToken(`${token.slice(1)}x`, secrets.signing))],
      refusal: 'credential_unknown',
    }),
    'spelled otherwise': () => ({ pairs: [pair(otherSpelling(value))], refusal: 'signature_invalid' }),
  };
  return states[given.token]();
}

/** Has it a signature at its end, right or wrong: base64 of 32 bytes? */
const isSigned = (text: string): boolean => /^[^]+\.[A-Za-z0-9+/]{43}=$/.test(text);

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The same bytes: two bits of a signature's last character stand for nothing (RFC 4648 §3.5). */
function otherSpelling(value: string): string {
  const last = base64.indexOf(value.at(-2) ?? '');
  return `${value.slice(0, -2)}${base64[last + 1]}=`;
}
