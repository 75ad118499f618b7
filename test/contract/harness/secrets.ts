import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import type { LocalStack } from '../../../local/stack.ts';

/** Any will do: the local engines take every one. */
export const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

/** Contract §7: `{"keys": [{"kid", "k", "signFrom", "verifyUntil"?}]}`. */
const Ring = v.strictObject({
  keys: v.array(
    v.strictObject({
      kid: v.string(),
      k: v.string(),
      signFrom: v.number(),
      verifyUntil: v.optional(v.number()),
    }),
  ),
});
export type RingKey = v.InferOutput<typeof Ring>['keys'][number];

/** A seeded ring's two keys: the one that signs now, and the one that waits. */
export interface Ring {
  readonly signing: RingKey;
  readonly waiting: RingKey;
  readonly all: readonly RingKey[];
}

/** Reads a ring as any program would: with the AWS SDK, by the ARN of stack.json. */
export async function readRing({ urls }: LocalStack, arn: string | undefined): Promise<Ring> {
  const client = new SecretsManagerClient({
    endpoint: urls.secretsManager,
    region: urls.region,
    credentials,
  });
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    const { keys } = v.parse(Ring, JSON.parse(SecretString));
    const now = Date.now() / 1000;
    const signing = keys
      .filter(({ signFrom }) => signFrom <= now)
      .toSorted((a, b) => a.signFrom - b.signFrom)
      .at(-1);
    const waiting = keys.find(({ signFrom }) => signFrom > now);
    if (!signing || !waiting) throw new Error('a seeded ring has one signing key and one waiting');
    return { signing, waiting, all: keys };
  } finally {
    client.destroy();
  }
}
