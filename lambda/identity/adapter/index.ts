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
    let laidOut: Context['models'] | undefined;
    const direct = (schema: BetterAuthDBSchema): Context => {
      const models = (laidOut ??= layOut(schema, layout));
      const next: Context['next'] = (key) => table.next(key);
      const context: Context = {
        reader: table,
        writer: table,
        deferred: false,
        models,
        hints,
        now: clock,
        next,
        allowScan,
        settled: (work) => work(context),
      };
      return context;
    };
    return build(auth, direct, async (work) => {
      const transaction = openTransaction(table);
      const afterwards: (() => Promise<void>)[] = [];
      const within = (schema: BetterAuthDBSchema): Context => ({
        ...direct(schema),
        reader: transaction,
        writer: transaction,
        deferred: true,
        settled: async (task) => {
          afterwards.push(() => task(direct(schema)));
        },
      });
      const result = await work(build(auth, within, false));
      await transaction.commit();
      for (const task of afterwards) await task();
      return result;
    });
  };
}

function build(
  auth: BetterAuthOptions,
  contextOf: (schema: BetterAuthDBSchema) => Context,
  transaction: AdapterFactoryConfig['transaction'],
): DBAdapter {
  const factory = createAdapterFactory({
    config: { ...CAPABILITIES, transaction },
    adapter: ({ schema, getDefaultModelName, getFieldName }) =>
      operations({ context: contextOf(schema), getDefaultModelName, getFieldName }),
  });
  return factory(auth);
}

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
