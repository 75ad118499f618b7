import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { BetterAuthOptions } from '@better-auth/core';
import type { BetterAuthDBSchema } from '@better-auth/core/db';
import { createAdapterFactory } from '@better-auth/core/db/adapter';
import type { AdapterFactoryConfig, DBAdapter } from '@better-auth/core/db/adapter';
import { createHints } from './context.ts';
import type { Context } from './context.ts';
import { layOut } from './layout.ts';
import type { Layout } from './layout.ts';
import { operations } from './operations.ts';
import { openTable } from './table.ts';
import type { ObservedRequest } from './table.ts';
import { openTransaction } from './transaction.ts';

export type { FieldLayout, Layout, ModelLayout } from './layout.ts';
export type { ObservedRequest } from './table.ts';

export interface DynamoDBAdapterOptions {
  /** Its deadlines and its own retries are the caller's; conflicts and throttling are retried here. */
  readonly client: DynamoDBClient;
  /** A table with string keys `pk` and `sk`, and TTL on `ttl`. No index is used. */
  readonly tableName: string;
  /** @default every model keyed by id, unique and listed as its Better Auth schema says */
  readonly layout?: Layout;
  /** Epoch milliseconds. @default Date.now */
  readonly clock?: () => number;
  /** Called for every request as it leaves. */
  readonly observe?: (request: ObservedRequest) => void;
  /**
   * Reads the whole table where nothing else serves a `where`, instead of refusing it. For tests alone.
   * @default false
   */
  readonly allowScan?: boolean;
}

/**
 * Better Auth's data in one DynamoDB table: every read strongly consistent, every unique field kept unique,
 * every guard in the condition of the write.
 *
 * @throws {TypeError} when Better Auth starts: the layout does not fit the schema
 */
export function dynamodbAdapter(options: DynamoDBAdapterOptions): (auth: BetterAuthOptions) => DBAdapter {
  const { client, tableName, layout = {}, clock = Date.now, observe, allowScan = false } = options;
  const table = openTable(client, tableName, observe);
  const hints = createHints();
  return (auth) => {
    const build = (scope: Scope, transaction: AdapterFactoryConfig['transaction']): DBAdapter =>
      createAdapterFactory({
        config: { ...CAPABILITIES, transaction },
        adapter: ({ schema, getDefaultModelName, getFieldName }) =>
          operations({
            context: {
              ...scope,
              models: modelsOf(schema),
              hints,
              now: clock,
              next: (key) => table.next(key),
              allowScan,
            },
            getDefaultModelName,
            getFieldName,
          }),
      })(auth);

    let laidOut: Context['models'] | undefined;
    const modelsOf = (schema: BetterAuthDBSchema): Context['models'] => (laidOut ??= layOut(schema, layout));

    return build({ reader: table, writer: table, deferred: false }, async (work) => {
      const transaction = openTransaction(table);
      const result = await work(build({ reader: transaction, writer: transaction, deferred: true }, false));
      await transaction.commit();
      return result;
    });
  };
}

type Scope = Pick<Context, 'reader' | 'writer' | 'deferred'>;

const CAPABILITIES = {
  adapterId: 'dynamodb',
  adapterName: 'DynamoDB',
  supportsBooleans: true,
  // ISO 8601 in UTC with milliseconds, which sorts as text.
  supportsDates: false,
  supportsJSON: false,
  supportsArrays: false,
  supportsNumericIds: true,
  supportsUUIDs: false,
} as const satisfies AdapterFactoryConfig;
