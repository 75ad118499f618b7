import { createHmac, createSecretKey } from 'node:crypto';

/** The floor: what any verification of an HS256 token or a signed cookie does at least once. */
export function oneHmac(secret: string, token: string): () => string {
  const key = createSecretKey(secret, 'utf8');
  const signed = token.slice(0, token.lastIndexOf('.'));
  return () => createHmac('sha256', key).update(signed).digest('base64url');
}
