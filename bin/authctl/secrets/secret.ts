import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Config, SecretKind } from '../../../lambda/runtime/config.ts';
import { parseKeyRing, type KeyRing } from '../../../lambda/secrets/key-ring.ts';
import { CommandFailure } from '../failure.ts';

export const kinds: readonly SecretKind[] = ['extension-token', 'better-auth'];

/** One of the two secrets, where it is. */
export interface Secret {
  readonly kind: SecretKind;
  readonly arn: string;
  readonly client: SecretsManagerClient;
}

/** @throws {CommandFailure} `refused` where a development machine keeps it in a variable */
export function secretOf(kind: SecretKind, config: Config, client: SecretsManagerClient): Secret {
  const location = kind === 'extension-token' ? config.extensionTokenSecret : config.betterAuthSecret;
  if ('arn' in location) return { kind, arn: location.arn, client };
  throw new CommandFailure(
    'refused',
    `The secret ${kind} is in a variable of the functions: change it there.`,
  );
}

export interface Version {
  readonly id: string;
  readonly stages: readonly string[];
  readonly createdAt: string | null;
}

/** Versions with a label, the newest first. */
export async function versionsOf(secret: Secret): Promise<readonly Version[]> {
  const { Versions = [] } = await asked(secret, () =>
    secret.client.send(new ListSecretVersionIdsCommand({ SecretId: secret.arn })),
  );
  return Versions.map(({ VersionId: id = '', VersionStages: stages = [], CreatedDate: created }) => ({
    id,
    stages,
    createdAt: created?.toISOString() ?? null,
  })).toSorted((a, b) => ((a.createdAt ?? '') < (b.createdAt ?? '') ? 1 : -1));
}

/** Labels by version, as they are now. */
export async function stagesOf(secret: Secret): Promise<ReadonlyMap<string, readonly string[]>> {
  const { VersionIdsToStages: stages = {} } = await asked(secret, () =>
    secret.client.send(new DescribeSecretCommand({ SecretId: secret.arn })),
  );
  return new Map(Object.entries(stages));
}

export interface StoredRing {
  readonly version: string;
  readonly ring: KeyRing;
}

/** What is current; without `ring` where its value is none. */
export async function currentVersion(
  secret: Secret,
): Promise<{ readonly version: string; readonly ring?: KeyRing }> {
  const { SecretString: value = '', VersionId: version = '' } = await asked(secret, () =>
    secret.client.send(new GetSecretValueCommand({ SecretId: secret.arn })),
  );
  const ring = parseKeyRing(value, version);
  return ring ? { version, ring } : { version };
}

/** The ring that is current. @throws {CommandFailure} when it cannot be read, or is none */
export async function currentRing(secret: Secret): Promise<StoredRing> {
  const { version, ring } = await currentVersion(secret);
  if (ring) return { version, ring };
  throw new CommandFailure(
    'failed',
    `The current version of the secret ${secret.kind} holds no key ring: publish the last good one again.`,
  );
}

/** A request to Secrets Manager. Only the name of what went wrong is told: a message may quote a value. */
export async function asked<T>({ kind }: Pick<Secret, 'kind'>, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'Error';
    throw new CommandFailure('unavailable', `Secrets Manager did not answer for ${kind} (${name}).`, {
      cause,
    });
  }
}
