import { apiKey } from '@better-auth/api-key';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { BetterAuthOptions } from '@better-auth/core';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { organization } from 'better-auth/plugins';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import type { DynamoDBAdapterOptions } from '../../lambda/identity/adapter/index.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';

/** Every model there is, so that every model of the layout is used. */
export const authOptions: BetterAuthOptions = {
  secret: 'a secret of thirty-two characters or more',
  rateLimit: { storage: 'database' },
  plugins: [organization({ teams: { enabled: true } }), apiKey()],
};

/** The adapter as Better Auth gets it, with this system's layout. */
export function openAdapter(options: DynamoDBAdapterOptions): DBAdapter {
  return dynamodbAdapter({ layout: identityLayout, ...options })(authOptions);
}

/** A moment in the test's own time; nothing here depends on the day it runs. */
export const NOW = Date.parse('2030-01-02T03:04:05.678Z');
export const later = (seconds: number): Date => new Date(NOW + seconds * 1000);

/** Everything in the table, as it lies there. A test may scan; the adapter may not. */
export async function everyItem(
  client: DynamoDBClient,
  tableName: string,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const page of paginateScan({ client }, { TableName: tableName, ConsistentRead: true })) {
    items.push(...(page.Items ?? []).map((item) => unmarshall(item, { wrapNumbers: Number })));
  }
  return items;
}

/** Keys of the table as `pk | sk`, in order. */
export async function everyKey(client: DynamoDBClient, tableName: string): Promise<string[]> {
  return (await everyItem(client, tableName)).map(({ pk, sk }) => `${String(pk)} | ${String(sk)}`).sort();
}

/** Pointers and edges that name a row that is not there. */
export async function orphans(client: DynamoDBClient, tableName: string): Promise<string[]> {
  const items = await everyItem(client, tableName);
  const rows = new Set(items.map(({ pk, sk }) => JSON.stringify([pk, sk])));
  return items
    .filter(({ refPk, refSk }) => refPk !== undefined && !rows.has(JSON.stringify([refPk, refSk])))
    .map(({ pk, sk }) => `${String(pk)} | ${String(sk)}`);
}

let made = 0;
/** Values for the required fields of a new row. */
export const rows = {
  user: (fields: object = {}) => ({
    name: 'Person',
    email: `person-${(made += 1)}@example.com`,
    emailVerified: false,
    createdAt: later(0),
    updatedAt: later(0),
    ...fields,
  }),
  session: (userId: string, fields: object = {}) => ({
    userId,
    token: `token-${(made += 1)}`,
    expiresAt: later(3600),
    createdAt: later(0),
    updatedAt: later(0),
    ...fields,
  }),
  organization: (fields: object = {}) => ({
    name: 'Acme',
    slug: `acme-${(made += 1)}`,
    createdAt: later(0),
    ...fields,
  }),
  member: (userId: string, organizationId: string, fields: object = {}) => ({
    userId,
    organizationId,
    role: 'member',
    createdAt: later(0),
    ...fields,
  }),
  apikey: (referenceId: string, fields: object = {}) => ({
    configId: 'default',
    referenceId,
    key: `hash-${(made += 1)}`,
    createdAt: later(0),
    updatedAt: later(0),
    ...fields,
  }),
  verification: (identifier: string, fields: object = {}) => ({
    identifier,
    value: 'value',
    expiresAt: later(600),
    createdAt: later(0),
    updatedAt: later(0),
    ...fields,
  }),
};

export interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

export const where = (field: string, value: string | number | boolean | Date | null) => [{ field, value }];
