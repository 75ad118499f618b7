import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Config } from '../../lambda/runtime/config.ts';
import { awsTarget } from './target-aws.ts';
import { localTarget } from './target-local.ts';

/** The deployment a command works on: configured as its authorizer is. */
export interface Target {
  readonly config: Config;
  readonly dynamodb: DynamoDBClient;
  readonly secretsManager: SecretsManagerClient;
  close(): void;
}

export interface TargetOptions {
  readonly profile?: string;
  readonly region?: string;
  /** Name of the CloudFormation stack. */
  readonly stack?: string;
}

/**
 * The running local stack, unless one of the options says where on AWS.
 *
 * @param directory where the local stack keeps its files
 * @throws {CommandFailure} when there is no such stack, or it cannot be asked
 */
export const openTarget = (options: TargetOptions, directory: string): Promise<Target> =>
  options.profile === undefined && options.region === undefined && options.stack === undefined
    ? localTarget(directory)
    : awsTarget(options);
