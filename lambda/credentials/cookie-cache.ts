import * as v from 'valibot';
import type { RingKey } from '../secrets/key-ring.ts';
import { isHmac } from './hmac.ts';

/** What Better Auth's cookie cache says of a session. Verified, and younger than its five minutes. */
export interface CachedSession {
  readonly id: string;
  readonly token: string;
  readonly userId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly activeOrganizationId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** Dates in JSON. */
const date = v.pipe(v.string(), v.transform(Date.parse), v.number());

const payload = v.object({
  session: v.object({
    id: v.string(),
    token: v.string(),
    userId: v.string(),
    expiresAt: date,
    createdAt: date,
    // A cache that names no organization is a miss: creating an organization does not refresh the cache.
    activeOrganizationId: v.pipe(v.string(), v.nonEmpty()),
  }),
  version: v.optional(v.literal('1'), '1'),
});

const compact = v.object({
  session: v.record(v.string(), v.unknown()),
  expiresAt: v.number(),
  signature: v.string(),
});

const jwtPayload = v.object({ ...payload.entries, exp: v.number() });

/** A cookie cache that verified. Whether it is still current is asked apart, since time goes on. */
export interface VerifiedCache {
  readonly session: CachedSession;
  /** Of the cache, epoch milliseconds. */
  readonly expiresAt: number;
  readonly key: RingKey;
}

/**
 * Verifies a cookie cache (`compact` or `jwt`, better-auth 1.7.5 `decodeCookieCache`). `undefined` whenever
 * anything is wrong with it: the session row then answers, as it does for Better Auth.
 *
 * @param token of the verified session cookie: a cache of another session must not answer for this one
 * @param keys under which cookies verify now
 */
export function verifyCookieCache(
  cookie: string,
  token: string,
  keys: readonly RingKey[],
): VerifiedCache | undefined {
  const cached = cookie.includes('.') ? jwt(cookie, keys) : compactCache(cookie, keys);
  return cached?.session.token === token ? cached : undefined;
}

/** Neither the cache nor its session has ended. @param now epoch milliseconds */
export const isCurrent = ({ session, expiresAt }: VerifiedCache, now: number): boolean =>
  expiresAt > now && session.expiresAt > now;

/** Signed over `JSON.stringify({...session, expiresAt})`: member order is part of what is signed. */
function compactCache(cookie: string, keys: readonly RingKey[]): VerifiedCache | undefined {
  const outer = v.safeParse(compact, json(cookie));
  if (!outer.success) return undefined;
  const { session, expiresAt, signature } = outer.output;
  const signed = JSON.stringify({ ...session, expiresAt });
  const key = keys.find(({ k }) => isHmac(k, signed, signature, 'base64url'));
  if (!key) return undefined;
  const inner = v.safeParse(payload, session);
  return inner.success ? { session: inner.output.session, expiresAt, key } : undefined;
}

/** The only header Better Auth writes. Any other one, `alg: none` among them, is not its cookie. */
const jwtHeader = Buffer.from('{"alg":"HS256"}').toString('base64url');

function jwt(cookie: string, keys: readonly RingKey[]): VerifiedCache | undefined {
  const [header, body = '', signature = '', ...rest] = cookie.split('.');
  if (header !== jwtHeader || rest.length > 0) return undefined;
  const key = keys.find(({ k }) => isHmac(k, `${header}.${body}`, signature, 'base64url'));
  if (!key) return undefined;
  const inner = v.safeParse(jwtPayload, json(body));
  if (!inner.success) return undefined;
  return { session: inner.output.session, expiresAt: inner.output.exp * 1000, key };
}

function json(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString());
  } catch {
    return undefined;
  }
}
