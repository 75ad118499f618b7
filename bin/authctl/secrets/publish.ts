import { randomUUID } from 'node:crypto';
import {
  InvalidParameterException,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { serializeKeyRing, type KeyRing } from '../../../lambda/secrets/key-ring.ts';
import { asked, stagesOf, type Secret } from './secret.ts';

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';
/** Ours: `PutSecretValue` with AWSCURRENT would overwrite whatever a rotation published meanwhile. */
const label = 'OPERATOR';

/**
 * Makes a ring current in place of the version it was made from, and of no other.
 *
 * @returns its version; `undefined` when another version had become current, which is then left alone
 */
export async function publish(secret: Secret, ring: KeyRing, before: string): Promise<string | undefined> {
  const version = randomUUID();
  await asked(secret, () =>
    secret.client.send(
      new PutSecretValueCommand({
        SecretId: secret.arn,
        ClientRequestToken: version,
        SecretString: serializeKeyRing(ring),
        VersionStages: [label],
      }),
    ),
  );
  const moved = await move(secret, CURRENT, before, version);
  await move(secret, label, version);
  if (!moved) return undefined;
  // A finished rotation leaves it on the version it made. There, it would now be a rotation to take up again.
  if ((await stagesOf(secret)).get(before)?.includes(PENDING)) await move(secret, PENDING, before);
  return version;
}

/** Moves a label, or takes it away. False when it is somewhere else by now. */
function move(secret: Secret, stage: string, from: string, to?: string): Promise<boolean> {
  const command = new UpdateSecretVersionStageCommand({
    SecretId: secret.arn,
    VersionStage: stage,
    RemoveFromVersionId: from,
    ...(to === undefined ? {} : { MoveToVersionId: to }),
  });
  return asked(secret, async () => {
    try {
      await secret.client.send(command);
      return true;
    } catch (cause) {
      if (cause instanceof InvalidParameterException) return false;
      throw cause;
    }
  });
}
