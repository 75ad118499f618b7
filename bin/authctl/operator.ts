import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomBytes } from 'node:crypto';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { createAuth, type Auth } from '../../lambda/identity/auth.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import type { Config } from '../../lambda/runtime/config.ts';
import { facts } from '../../lambda/store/facts.ts';
import { identityTable, type IdentityTable } from '../../lambda/store/identity-table.ts';
import type { KeyEnvironment } from '../../lambda/credentials/api-key-format.ts';

/** What an operator changes identities with: rows as Better Auth writes them, and our own attributes beside. */
export interface Operator {
  /** Better Auth's own adapter: it writes rows with their pointers and lists. */
  readonly adapter: Awaited<Auth['$context']>['adapter'];
  /** Rows as they are stored, with the attributes Better Auth does not know. */
  readonly table: IdentityTable;
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Which keys this deployment makes and accepts. */
  readonly environment: KeyEnvironment;
  readonly clock: Clock;
}

export async function openOperator(config: Config, client: DynamoDBClient, clock: Clock): Promise<Operator> {
  const tableName = config.authTable;
  const table = identityTable(client, tableName, breaker('store', 'DynamoDB', clock));
  const auth = createAuth({
    config,
    database: dynamodbAdapter({ client, tableName, layout: identityLayout, clock }),
    facts: facts(table, 0, clock),
    // Keys alone are written here.
    removeInstallations: () => Promise.reject(new Error('authctl deletes no organization')),
    // Nothing is signed: an operator of keys needs no access to the secret that makes sessions.
    secret: randomBytes(32).toString('base64url'),
  });
  const { adapter } = await auth.$context;
  return {
    adapter,
    table,
    client,
    tableName,
    environment: config.stage === 'production' ? 'live' : 'test',
    clock,
  };
}
