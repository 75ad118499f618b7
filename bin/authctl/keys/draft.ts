import type { Update } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { generateApiKey } from '../../../lambda/identity/api-keys.ts';
import { apiKeyKey, digest } from '../../../lambda/store/keys.ts';
import type { Operator } from '../operator.ts';

/** What a key's owner cannot change: attributes of its row that Better Auth does not know. */
export interface Guards {
  /** Ids. */
  readonly allowedOrganizations?: readonly string[];
  /** Addresses and CIDR blocks. */
  readonly allowedAddresses?: readonly string[];
  /** ISO 8601. */
  readonly notAfter?: string;
}

/** A row of Better Auth's for a key, as far as it is chosen. Its columns are @better-auth/api-key 1.7.5's. */
export interface KeyColumns {
  readonly name: string | null;
  readonly referenceId: string;
  readonly enabled: boolean;
  readonly expiresAt: Date | null;
  /** JSON. */
  readonly permissions: string | null;
  readonly metadata: string | null;
  readonly remaining: number | null;
  readonly refillAmount: number | null;
  readonly refillInterval: number | null;
  readonly lastRefillAt: Date | null;
  readonly rateLimitEnabled: boolean;
  readonly rateLimitMax: number | null;
  readonly rateLimitTimeWindow: number | null;
}

/** A key whose row is there and opens nothing yet. */
export interface DraftKey {
  readonly id: string;
  /** The key itself: nobody can say it again. */
  readonly key: string;
  readonly hash: string;
}

/** A configuration that no authorizer and no client call accepts: a half-made key is nobody's and nothing's. */
const unfinished = 'unfinished';

/** Characters of a key that are stored to recognise it by, as identity stores them. */
const startLength = 'crm_live_'.length + 4;

export async function draftKey(
  { adapter, environment, clock }: Operator,
  columns: KeyColumns,
): Promise<DraftKey> {
  const key = generateApiKey(environment);
  const hash = digest(key);
  const now = new Date(clock());
  const row: unknown = await adapter.create({
    model: 'apikey',
    data: {
      ...columns,
      configId: unfinished,
      start: key.slice(0, startLength),
      prefix: null,
      key: hash,
      requestCount: 0,
      lastRequest: null,
      createdAt: now,
      updatedAt: now,
    },
  });
  const { id } = v.parse(v.object({ id: v.string() }), row);
  return { id, key, hash };
}

/** Makes a draft a key, with its guards, in one write: there is no moment in which it works without them. */
export function finishing(
  { tableName }: Operator,
  { hash }: DraftKey,
  configId: 'default' | 'organization',
  attributesOf: Guards & { readonly likelyOrganizationId?: string; readonly likelyMark?: string },
): Update {
  const attributes = { configId, ...attributesOf };
  return {
    TableName: tableName,
    Key: marshall(apiKeyKey(hash)),
    ConditionExpression: 'configId = :unfinished',
    UpdateExpression: `SET ${Object.keys(attributes)
      .map((name) => `${name} = :${name}`)
      .join(', ')}`,
    ExpressionAttributeValues: marshall({
      ':unfinished': unfinished,
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
    }),
  };
}

/** What could not be finished is taken away again. That may fail too: it opens nothing where it is. */
export async function discard({ adapter }: Operator, { id }: DraftKey): Promise<void> {
  await adapter.delete({ model: 'apikey', where: [{ field: 'id', value: id }] }).catch(() => undefined);
}
