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
  const cached = cookie.includes('.') ? jwt(cookie, keys) : compact(cookie, keys);
  return cached?.session.token === token ? cached : undefined;
}

/** Neither the cache nor its session has ended. @param now epoch milliseconds */
export const isCurrent = ({ session, expiresAt }: VerifiedCache, now: number): boolean =>
  expiresAt > now && session.expiresAt > now;

/** As Better Auth writes it: session, user, version. In another spelling or order it is only a miss. */
const head = '{"session":';
const tail = ',"version":"1"},"expiresAt":';
const compactTail = /^,"version":"1"\},"expiresAt":(\d{1,15}),"signature":"([\w-]+)"\}$/;

/**
 * Signed over `JSON.stringify({...session, expiresAt})`, which here is a part of the text and one member more: so
 * nothing is parsed before it is known who wrote it.
 */
function compact(cookie: string, keys: readonly RingKey[]): VerifiedCache | undefined {
  const written = scratch.write(cookie, 'base64url');
  const text = scratch.toString('utf8', 0, written);
  const end = text.lastIndexOf(tail);
  const [, expiresAt, signature] = compactTail.exec(text.slice(end)) ?? [];
  const behind = text.indexOf(user);
  if (!text.startsWith(head) || behind === -1 || expiresAt === undefined || signature === undefined)
    return undefined;
  // Behind `end` every character is one byte. What is written there is shorter than what was.
  const begun = written - (text.length - end);
  const ended = begun + scratch.write(`,"version":"1","expiresAt":${expiresAt}}`, begun);
  const signed = scratch.subarray(head.length, ended);
  const key = keys.find((each) => isHmac(each, signed, signature, 'base64url'));
  const session = key && sessionOf(json(`${text.slice(head.length, behind)}}`));
  return session && { session, expiresAt: Number(expiresAt), key };
}

/**
 * Written over by every cookie, instead of a new buffer for each. All cookies of a request are shorter
 * (surfaces/headers.ts); what is not would be cut, and so no cookie cache.
 */
const scratch = Buffer.alloc(8192);

/**
 * The user stands behind the session, is half of the text, and no decision asks about it. This stands between quotation
 * marks that belong to no text of a session, since in JSON those are escaped; and where it is a member of something
 * deeper down, what is in front of it is no JSON.
 */
const user = ',"user":{';

/** The only header Better Auth writes. Any other one, `alg: none` among them, is not its cookie. */
const jwtHeader = Buffer.from('{"alg":"HS256"}').toString('base64url');

function jwt(cookie: string, keys: readonly RingKey[]): VerifiedCache | undefined {
  const [header, body = '', signature = '', ...rest] = cookie.split('.');
  if (header !== jwtHeader || rest.length > 0) return undefined;
  const key = keys.find((each) => isHmac(each, `${header}.${body}`, signature, 'base64url'));
  if (!key) return undefined;
  const payload = json(Buffer.from(body, 'base64url').toString());
  const session = sessionOf(payload);
  const { exp } = membersOf(payload);
  return session && typeof exp === 'number' ? { session, expiresAt: exp * 1000, key } : undefined;
}

/**
 * Only what the decision needs, narrowed by hand: every first request of a browser pays for it. A cache that names
 * no organization is a miss, since creating an organization does not refresh it.
 */
function sessionOf(payload: unknown): CachedSession | undefined {
  const { session, version = '1' } = membersOf(payload);
  const { id, token, userId, activeOrganizationId, expiresAt, createdAt } = membersOf(session);
  if (version !== '1' || !isText(id) || !isText(token) || !isText(userId) || !isText(activeOrganizationId)) {
    return undefined;
  }
  const [end, begin] = [dateOf(expiresAt), dateOf(createdAt)];
  if (activeOrganizationId === '' || Number.isNaN(end) || Number.isNaN(begin)) return undefined;
  return { id, token, userId, activeOrganizationId, expiresAt: end, createdAt: begin };
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Epoch milliseconds of a date in JSON; NaN for anything else. */
const dateOf = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) : Number.NaN);

type Members = Readonly<Record<string, unknown>>;
const none: Members = {};

const membersOf = (value: unknown): Members => (isObject(value) ? value : none);

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
