import { createHmac, randomBytes } from 'node:crypto';
import type { RingKey } from '../../lambda/secrets/key-ring.ts';
import { digest } from '../../lambda/store/keys.ts';
import type { Item } from './items.ts';
import type { Person } from './person.ts';
import { environment, extensionId } from './place.ts';

/** Any number of credentials of one person, each of them new: what signs and stores them is not measured. */

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
export const randomId = (): string => randomBytes(24).toString('base64url').replaceAll(/[-_]/g, '0');
const hmac = (k: string, text: string) => createHmac('sha256', k).update(text);

/** What an extension token says: as `lambda/extensions/mint.ts` mints it. */
export function claimsOf(person: Person, jti: string) {
  const iat = Math.floor(Date.now() / 1000) - 5;
  return {
    iss: new URL(environment.BETTER_AUTH_URL).origin,
    aud: extensionId,
    sub: person.userId,
    iat,
    exp: iat + 3600,
    jti,
    userId: person.userId,
    orgId: person.organizationId,
    extension_id: extensionId,
    scopes: ['records:read', 'actions:invoke'],
  };
}

export function extensionToken(person: Person, key: RingKey, jti: string = randomId()): string {
  const header = { alg: 'HS256', typ: 'ext+jwt', kid: key.kid };
  const signed = `${base64url(header)}.${base64url(claimsOf(person, jti))}`;
  return `${signed}.${hmac(key.k, signed).digest('base64url')}`;
}

const cookieNames = { token: '__Secure-better-auth-session', data: '__Secure-better-auth.session_data' };

/** A session of its own: its row, and the cookies that a key signs for it. */
export interface Session {
  readonly row: Item;
  readonly cookie: (key: RingKey) => string;
  /** Without the cookie cache. */
  readonly tokenCookie: (key: RingKey) => string;
}

/** Sessions like the one Better Auth made: the same row and the same cookie cache, but for id and token. */
export function sessionsLike(cookie: string, person: Person): () => Session {
  const sample = readCache(cookie);
  return () => {
    const token = randomId();
    const session = { ...sample.session.session, id: randomId(), token };
    const tokenCookie = (key: RingKey): string =>
      `${cookieNames.token}=${encodeURIComponent(`${token}.${hmac(key.k, token).digest('base64')}`)}`;
    return {
      row: { pk: `session#${digest(token)}`, sk: '#', ...session, userId: person.userId },
      tokenCookie,
      cookie: (key) => {
        const data = { ...sample.session, session };
        const expiresAt = Date.now() + 300_000;
        const signature = hmac(key.k, JSON.stringify({ ...data, expiresAt })).digest('base64url');
        return `${tokenCookie(key)}; ${cookieNames.data}=${base64url({ session: data, expiresAt, signature })}`;
      },
    };
  };
}

interface Cache {
  readonly session: { readonly session: Readonly<Record<string, unknown>> };
}

function readCache(cookie: string): Cache {
  const value = cookie.split('; ').find((pair) => pair.startsWith(`${cookieNames.data}=`)) ?? '';
  const cache: unknown = JSON.parse(
    Buffer.from(decodeURIComponent(value.slice(value.indexOf('=') + 1)), 'base64url').toString(),
  );
  if (!isCache(cache)) throw new Error('Better Auth made no cookie cache.');
  return cache;
}

const isCache = (value: unknown): value is Cache =>
  typeof value === 'object' &&
  value !== null &&
  typeof Object(Reflect.get(value, 'session')).session === 'object';
