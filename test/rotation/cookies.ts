import { isSignedBy as isHmacOf, splitSignedToken } from '../../lambda/credentials/session-cookie.ts';
import type { RingKey } from '../../lambda/secrets/key-ring.ts';

/** A Cookie header of what was set. */
export const jar = (lines: readonly string[]): string => lines.map((line) => line.split(';')[0]).join('; ');

/** The `Set-Cookie` line of this name; empty when there is none. */
export const named = (lines: readonly string[], name: string): string =>
  lines.find((line) => line.startsWith(`${name}=`)) ?? '';

export const isSignedBy = (line: string, key: RingKey | undefined): boolean => {
  const signed = splitSignedToken(decodeURIComponent(line.slice(line.indexOf('=') + 1).split(';')[0] ?? ''));
  return signed !== undefined && key !== undefined && isHmacOf(signed, key);
};

export const kidOf = (token: string): string =>
  textAt(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()), 'kid');

/** Text somewhere in a body. */
export const textAt = (value: unknown, ...path: readonly string[]): string =>
  String(path.reduce((found: unknown, name) => Object(found)[name], value));
