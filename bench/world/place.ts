import { generateKey, serializeKeyRing, type KeyRing, type RingKey } from '../../lambda/secrets/key-ring.ts';

/** Where everything takes place. As deployed: production, https, both secrets in Secrets Manager. */
export const environment = {
  STAGE: 'production',
  BETTER_AUTH_URL: 'https://api.crm.example.com',
  TRUSTED_ORIGINS: 'https://app.crm.example.com',
  EXTENSION_TOKEN_SECRET_ARN: 'extension-token',
  BETTER_AUTH_SECRET_ARN: 'better-auth',
};

/** What the SDK clients are told; the engines on this machine take any credentials. */
export const region = 'us-east-1';
export const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };

/** The same for a process of its own. */
export const sdkEnvironment = {
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
};

export const api = 'arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod';
export const extensionId = 'com.example.mail-merge';

/** A ring as a rotation leaves it: one key that signs, and one that waits until every reader has seen it. */
export interface Ring {
  readonly signing: RingKey;
  readonly waiting: RingKey;
}

export function newRing(): Ring {
  const second = Math.floor(Date.now() / 1000);
  return { signing: generateKey(second - 3600), waiting: generateKey(second + 4200) };
}

export const valueOfRing = ({ signing, waiting }: Ring): string =>
  serializeKeyRing({ keys: [signing, waiting] } satisfies KeyRing);
