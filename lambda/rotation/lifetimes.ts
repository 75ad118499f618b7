import { longestLifetime } from '../credentials/extension-claims.ts';
import type { SecretKind } from '../runtime/config.ts';

const day = 24 * 3600;

/** Seconds that the longest-lived thing signed with each secret is valid. */
export const lifetimes: Readonly<Record<SecretKind, number>> = {
  'extension-token': longestLifetime,
  // Better Auth's `expiresIn`. A session that lives on gets a new cookie, and that the key of its day.
  'better-auth': 7 * day,
};
