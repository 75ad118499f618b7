import { randomInt } from 'node:crypto';
import { apiKey } from '@better-auth/api-key';
import { base62, keyChecksum, type KeyEnvironment } from '../credentials/api-key-format.ts';

/** 62^43 > 2^256. */
const randomLength = 43;

/** A new key of ours: prefix, 256 bits of randomness, checksum. */
export function generateApiKey(environment: KeyEnvironment): string {
  // `randomInt` is uniform over the alphabet; a remainder of random bytes would not be.
  const random = Array.from({ length: randomLength }, () => base62.charAt(randomInt(base62.length))).join('');
  const body = `crm_${environment}_${random}`;
  return `${body}_${keyChecksum(body)}`;
}

/**
 * Better Auth's API keys, for users and for organizations. No limit unless one is set at creation: the
 * plugin's own default is ten requests a day (@better-auth/api-key 1.7.5).
 */
export function apiKeys(environment: KeyEnvironment) {
  const common = {
    customKeyGenerator: () => generateApiKey(environment),
    // The least a presented key must have for Better Auth's own verification, prefix not counted.
    defaultKeyLength: randomLength,
    rateLimit: { enabled: false },
    enableMetadata: true,
    // A key is not a session: it would then pass Better Auth's own endpoints, and could make more keys.
    enableSessionForAPIKeys: false,
    startingCharactersConfig: { charactersLength: 'crm_live_'.length + 4 },
  };
  return apiKey([
    { ...common, configId: 'default', references: 'user' },
    { ...common, configId: 'organization', references: 'organization' },
  ]);
}
