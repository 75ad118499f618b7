import { createHmac } from 'node:crypto';

/** `token.signature` as Better Auth signs it, not yet percent-encoded. */
export const signedToken = (token: string, secret: string): string =>
  `${token}.${createHmac('sha256', secret).update(token).digest('base64')}`;

/** A cookie cache of strategy `compact`. @param expiresAt of the cache, epoch milliseconds */
export function compactCache(session: object, expiresAt: number, secret: string): string {
  const signature = createHmac('sha256', secret)
    .update(JSON.stringify({ ...session, expiresAt }))
    .digest('base64url');
  return Buffer.from(JSON.stringify({ session, expiresAt, signature })).toString('base64url');
}

/** A Cookie header. Values are encoded as a server sets them. */
export const cookieHeader = (cookies: Readonly<Record<string, string>>): string =>
  Object.entries(cookies)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('; ');
