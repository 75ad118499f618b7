import { createHmac, randomBytes } from 'node:crypto';
import type { World } from './world.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** The claims of a token that is good in every respect. */
export function claimsOf({ rest, alice, acme, extension }: World): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: rest,
    aud: extension,
    extension_id: extension,
    sub: alice.id,
    userId: alice.id,
    iat: now,
    exp: now + 300,
    jti: randomBytes(18).toString('base64url'),
    orgId: acme.id,
    scopes: ['actions:invoke', 'records:read'],
  };
}

export const headerOf = ({ tokenRing }: World): Claims => ({
  alg: 'HS256',
  typ: 'ext+jwt',
  kid: tokenRing.signing.kid,
});

export const encode = (text: string): string => Buffer.from(text).toString('base64url');

/** Signs whatever it is given, and leaves out what is undefined: text goes in byte for byte. */
export function token(
  header: Claims | string,
  claims: Claims | string,
  key: string,
  hash = 'sha256',
): string {
  const text = (part: Claims | string): string => (typeof part === 'string' ? part : JSON.stringify(part));
  const signed = `${encode(text(header))}.${encode(text(claims))}`;
  return `${signed}.${createHmac(hash, key).update(signed).digest('base64url')}`;
}

/** A token that differs from the good one in what is given. */
export const tokenWith = (world: World, claims: Claims = {}, header: Claims = {}): string =>
  token({ ...headerOf(world), ...header }, { ...claimsOf(world), ...claims }, world.tokenRing.signing.k);
