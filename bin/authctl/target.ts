import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Config } from '../../lambda/runtime/config.ts';

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
