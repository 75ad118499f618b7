import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { Fault } from '../core/fault.ts';

export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';

/** The versions of one secret. @throws {Fault} `secret` from every method when Secrets Manager refuses */
export interface SecretVersions {
  /** Staging labels by version id; versions without a label are not listed. */
  readonly stages: () => Promise<ReadonlyMap<string, readonly string[]>>;
  /** `undefined`: the version waits for its value. */
  readonly value: (version: string, stage: string) => Promise<string | undefined>;
  /** Gives a pending version its value; one that has another by now keeps it. */
  readonly fill: (version: string, value: string) => Promise<void>;
  /** Makes `version` current in place of `before`. False when `before` is not current any more. */
  readonly makeCurrent: (version: string, before: string) => Promise<boolean>;
  /** Ends a rotation that cannot be finished, so that the next one can begin. */
  readonly withdraw: (version: string) => Promise<void>;
}

export function secretVersions(client: SecretsManagerClient, arn: string): SecretVersions {
  const secret = { SecretId: arn };
  return {
    stages: async () => {
      const call = client.send(new DescribeSecretCommand(secret));
      const { VersionIdsToStages: stages = {} } = await orFault('DescribeSecret', call);
      return new Map(Object.entries(stages));
    },
    value: async (version, stage) => {
      // Both, so that a label that has been moved meanwhile is noticed.
      const command = new GetSecretValueCommand({ ...secret, VersionId: version, VersionStage: stage });
      const call = unless('ResourceNotFoundException', client.send(command));
      return (await orFault('GetSecretValue', call))?.SecretString;
    },
    fill: async (version, value) => {
      const command = new PutSecretValueCommand({
        ...secret,
        ClientRequestToken: version,
        SecretString: value,
        VersionStages: [PENDING],
      });
      // Another invocation of the same rotation was faster; its ring is as good.
      await orFault('PutSecretValue', unless('ResourceExistsException', client.send(command)));
    },
    makeCurrent: async (version, before) => {
      const command = new UpdateSecretVersionStageCommand({
        ...secret,
        VersionStage: CURRENT,
        MoveToVersionId: version,
        RemoveFromVersionId: before,
      });
      const call = unless('InvalidParameterException', client.send(command));
      return (await orFault('UpdateSecretVersionStage', call)) !== undefined;
    },
    withdraw: async (version) => {
      const command = new UpdateSecretVersionStageCommand({
        ...secret,
        VersionStage: PENDING,
        RemoveFromVersionId: version,
      });
      const call = unless('InvalidParameterException', client.send(command));
      await orFault('UpdateSecretVersionStage', call);
    },
  };
}

async function unless<T>(refusal: string, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof Error && cause.name === refusal) return undefined;
    throw cause;
  }
}

async function orFault<T>(operation: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    // Only its name: the message of a refused PutSecretValue may quote the ring.
    const name = cause instanceof Error ? cause.name : 'unknown';
    throw new Fault('secret', `Secrets Manager did not do ${operation}: ${name}`);
  }
}
