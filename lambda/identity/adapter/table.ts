import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type {
  DynamoDBClient,
  QueryCommandInput,
  QueryCommandOutput,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import { fromAttributes, toAttributes } from './attributes.ts';
import type { Attributes } from './attributes.ts';
import { refused, retrying } from './failure.ts';
import type { Key } from './keys.ts';
import type { Item } from './model.ts';
import { isRepeatable, sendOnce } from './once.ts';
import { chunks, inParallel } from './parallel.ts';
import { parameters, transactItem } from './write.ts';
import type { Outcome, Update, Write } from './write.ts';

/** One request as it leaves for DynamoDB; each attempt at it counts. */
export interface ObservedRequest {
  readonly operation: string;
  /** Items asked for or written; 0 where only the answer tells (Query, Scan). */
  readonly items: number;
}

/** Reads, all strongly consistent. */
export interface Reader {
  get(key: Key): Promise<Item | undefined>;
  /** The items that exist, in any order. Any number of keys. */
  batchGet(keys: readonly Key[]): Promise<readonly Item[]>;
  /** The items of a partition in the order of their sort keys, page by page; `limit` items a page at most. */
  query(pk: string, limit?: number): AsyncIterable<readonly Item[]>;
  /** How many items the partition has. */
  count(pk: string): Promise<number>;
  /** Every item whose partition key begins so. For tests alone: it reads the whole table. */
  scan(prefix: string): AsyncIterable<readonly Item[]>;
}

/** The writes of one logical operation: all of them, or none. */
export interface Writer {
  apply(writes: readonly Write[]): Promise<Outcome>;
}

export interface Table extends Reader, Writer {
  /** The next number of a sequence, from 1. Never given twice; may have gaps. */
  next(key: Key): Promise<number>;
}

/** DynamoDB's limits: keys in one BatchGetItem, items in one TransactWriteItems. */
const BATCH_KEYS = 100;
export const TRANSACTION_ITEMS = 100;

/** The one table. The only file that talks to DynamoDB. */
export function openTable(
  client: DynamoDBClient,
  TableName: string,
  observe: (request: ObservedRequest) => void = () => {},
): Table {
  const send = <T>(operation: string, items: number, request: () => Promise<T>): Promise<T> =>
    retrying(() => {
      observe({ operation, items });
      return request();
    });

  async function batch(keys: readonly Key[]): Promise<readonly Item[]> {
    const found: Item[] = [];
    let Keys = keys.map((key) => toAttributes({ pk: key.pk, sk: key.sk }));
    // DynamoDB answers at most 16 MB and hands back the keys that it did not get to.
    while (Keys.length > 0) {
      const command = new BatchGetItemCommand({
        RequestItems: { [TableName]: { Keys, ConsistentRead: true } },
      });
      const answer = await send('BatchGetItem', Keys.length, () => client.send(command));
      found.push(...(answer.Responses?.[TableName] ?? []).map(fromAttributes));
      Keys = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
    }
    return found;
  }

  async function* pages(
    operation: string,
    request: (start: Pick<QueryCommandInput, 'ExclusiveStartKey'>) => Promise<QueryCommandOutput>,
  ): AsyncGenerator<QueryCommandOutput> {
    let ExclusiveStartKey: Attributes | undefined;
    do {
      const start = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey };
      const answer = await send(operation, 0, () => request(start));
      yield answer;
      ExclusiveStartKey = answer.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  const partition = (pk: string): QueryCommandInput => ({
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: toAttributes({ ':pk': pk }),
    ConsistentRead: true,
  });

  async function update(write: Update): Promise<Outcome> {
    const input: UpdateItemCommandInput = {
      TableName,
      Key: toAttributes({ ...write.key }),
      ...parameters(write),
      ReturnValues: 'ALL_NEW',
    };
    const { Attributes } = await send('UpdateItem', 1, () =>
      isRepeatable(write) ? client.send(new UpdateItemCommand(input)) : sendOnce(client, input),
    );
    return Attributes === undefined ? { done: true } : { done: true, item: fromAttributes(Attributes) };
  }

  async function transact(writes: readonly Write[]): Promise<Outcome> {
    // One token for the logical write, whatever the number of attempts: an answer that was lost on the way
    // does not make it happen twice, nor look like a refusal.
    const command = new TransactWriteItemsCommand({
      ClientRequestToken: randomUUID(),
      TransactItems: writes.map((write) => transactItem(write, TableName)),
    });
    await send('TransactWriteItems', writes.length, () => client.send(command));
    return { done: true };
  }

  return {
    async get(key) {
      const command = new GetItemCommand({
        TableName,
        Key: toAttributes({ pk: key.pk, sk: key.sk }),
        ConsistentRead: true,
      });
      const { Item } = await send('GetItem', 1, () => client.send(command));
      return Item === undefined ? undefined : fromAttributes(Item);
    },
    async batchGet(keys) {
      return (await inParallel(chunks(keys, BATCH_KEYS), batch)).flat();
    },
    async *query(pk, limit) {
      const asked = { ...partition(pk), ...(limit === undefined ? {} : { Limit: limit }) };
      for await (const { Items = [] } of pages('Query', (start) =>
        client.send(new QueryCommand({ ...asked, ...start })),
      )) {
        yield Items.map(fromAttributes);
      }
    },
    async count(pk) {
      const asked: QueryCommandInput = { ...partition(pk), Select: 'COUNT' };
      let count = 0;
      for await (const { Count = 0 } of pages('Query', (start) =>
        client.send(new QueryCommand({ ...asked, ...start })),
      )) {
        count += Count;
      }
      return count;
    },
    async *scan(prefix) {
      const asked = {
        TableName,
        FilterExpression: 'begins_with(pk, :prefix)',
        ExpressionAttributeValues: toAttributes({ ':prefix': prefix }),
        ConsistentRead: true,
      };
      for await (const { Items = [] } of pages('Scan', (start) =>
        client.send(new ScanCommand({ ...asked, ...start })),
      )) {
        yield Items.map(fromAttributes);
      }
    },
    async apply(writes) {
      const [only] = writes;
      if (only === undefined) return { done: true };
      try {
        return await (writes.length === 1 && only.kind === 'update' ? update(only) : transact(writes));
      } catch (error) {
        return refused(error, writes);
      }
    },
    async next(key) {
      const command = new UpdateItemCommand({
        TableName,
        Key: toAttributes({ ...key }),
        UpdateExpression: 'ADD #last :one',
        ExpressionAttributeNames: { '#last': 'last' },
        ExpressionAttributeValues: toAttributes({ ':one': 1 }),
        ReturnValues: 'UPDATED_NEW',
      });
      const { Attributes } = await send('UpdateItem', 1, () => client.send(command));
      return Number(fromAttributes(Attributes ?? {})['last']);
    },
  };
}
