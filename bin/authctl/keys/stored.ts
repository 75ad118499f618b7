import { ScanCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import type { Owner } from '../../../lambda/core/model.ts';
import type { Item } from '../../../lambda/store/identity-table.ts';
import { apiKeyIdKey, apiKeysOf, type Key } from '../../../lambda/store/keys.ts';
import { readApiKey, readPointer, rowReader, type ApiKeyRow } from '../../../lambda/store/rows.ts';
import { CommandFailure } from '../failure.ts';
import type { Operator } from '../operator.ts';

/** A key's row: what decides about it, and what people recognise it by. */
export interface StoredKey {
  readonly row: ApiKeyRow;
  readonly name: string | null;
  /** Its first characters. */
  readonly start: string | null;
  /** JSON, as the owner wrote it. */
  readonly metadata: string | null;
  readonly rowKey: Key;
}

const text = v.optional(v.nullable(v.string()), null);
const readShown = rowReader(
  'API key',
  v.object({ pk: v.string(), sk: v.string(), name: text, start: text, metadata: text }),
);

function storedKey(item: Item): StoredKey {
  const { pk, sk, ...rest } = readShown(item);
  return { row: readApiKey(item), rowKey: { pk, sk }, ...rest };
}

/** @throws {CommandFailure} `not_found` */
export async function keyById({ table }: Operator, id: string): Promise<StoredKey> {
  const pointer = await table.get(apiKeyIdKey(id));
  const target = pointer && readPointer(pointer);
  const item = target && (await table.get({ pk: target.refPk, sk: target.refSk }));
  const found = item && storedKey(item);
  if (found?.row.id !== id) throw new CommandFailure('not_found', `There is no key ${id}.`);
  return found;
}

/** Keys of one owner, oldest first. */
export async function keysOfOwner({ table }: Operator, owner: Owner): Promise<readonly StoredKey[]> {
  const edges = (await table.query(apiKeysOf(owner.id))).map(readPointer);
  const items = await Promise.all(edges.map(({ refPk, refSk }) => table.get({ pk: refPk, sk: refSk })));
  const configId = owner.kind === 'user' ? 'default' : 'organization';
  const keys = inOrder(items.filter((item) => item !== undefined));
  return keys.filter(({ row }) => row.configId === configId);
}

/** Every key there is. Reads the whole table, which no function may: an operator asked for it. */
export async function allKeys({ client, tableName }: Operator): Promise<readonly StoredKey[]> {
  const items: Item[] = [];
  let from: ScanCommand['input']['ExclusiveStartKey'];
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: tableName,
        FilterExpression: 'begins_with(pk, :keys) AND configId IN (:user, :organization)',
        ExpressionAttributeValues: {
          ':keys': { S: 'apikey#' },
          ':user': { S: 'default' },
          ':organization': { S: 'organization' },
        },
        ConsistentRead: true,
        ...(from ? { ExclusiveStartKey: from } : {}),
      }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return inOrder(items);
}

const inOrder = (items: readonly Item[]): readonly StoredKey[] =>
  items
    .map(storedKey)
    .sort((a, b) => (a.row.createdAt ?? 0) - (b.row.createdAt ?? 0) || (a.row.id < b.row.id ? -1 : 1));
