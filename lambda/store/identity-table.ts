import {
  BatchGetItemCommand,
  GetItemCommand,
  QueryCommand,
  type AttributeValue,
  type DynamoDBClient,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { Fault } from '../core/fault.ts';
import type { Breaker } from '../runtime/breaker.ts';
import type { Key } from './keys.ts';

/** As DynamoDB hands it over: whoever reads it says what its attributes are (lambda/store/rows.ts). */
export type Item = Readonly<Record<string, AttributeValue>>;

/** Strongly consistent reads of the identity table, and nothing else: no index, no scan, no write. */
export interface IdentityTable {
  /** Gets asked for before the event loop goes on share one request. */
  readonly get: (key: Key) => Promise<Item | undefined>;
  /** Every item of a partition, all pages, by sort key. */
  readonly query: (pk: string) => Promise<readonly Item[]>;
  /** The first item of a partition, by sort key. */
  readonly first: (pk: string) => Promise<Item | undefined>;
  /**
   * The pointer of a partition to one of these partitions. DynamoDB compares, so a pointer to another one leaves no trace
   * in the answer but a count of what was looked at.
   */
  readonly pointer: (pk: string, to: readonly string[]) => Promise<Item | undefined>;
  /** Requests sent so far. */
  readonly reads: () => number;
}

/** A key that was asked for, by however many. */
interface Asked {
  readonly key: Key;
  readonly item: Promise<Item | undefined>;
  readonly resolve: (item: Item | undefined) => void;
  readonly reject: (cause: unknown) => void;
}

/** BatchGetItem's limit (API reference, 2012-08-10). */
const batchLimit = 100;
/** Operands of `IN` (Developer guide, "Comparison operator and function reference"). */
const operandLimit = 100;
/** Times DynamoDB may leave part of a batch unprocessed before we call it a failure. */
const batchRounds = 3;

/** @throws {Fault} `store`, from every method, when DynamoDB does not answer in time or answers with an error */
export function identityTable(client: DynamoDBClient, tableName: string, guard: Breaker): IdentityTable {
  let reads = 0;
  let waiting = new Map<string, Asked>();

  const send = <T>(call: () => Promise<T>): Promise<T> =>
    guard(() => {
      reads += 1;
      return call();
    });

  const getOne = async (key: Key): Promise<Item | undefined> => {
    const command = new GetItemCommand({ TableName: tableName, Key: attributes(key), ConsistentRead: true });
    const { Item: item } = await send(() => client.send(command));
    return item;
  };

  const getBatch = async (batch: ReadonlyMap<string, Asked>): Promise<void> => {
    let missing = Array.from(batch.values(), ({ key }) => attributes(key));
    for (let round = 0; missing.length > 0; round += 1) {
      if (round === batchRounds) throw new Fault('store', 'DynamoDB left part of a batch unprocessed');
      const command = new BatchGetItemCommand({
        RequestItems: { [tableName]: { Keys: missing, ConsistentRead: true } },
      });
      const answer = await send(() => client.send(command));
      for (const item of answer.Responses?.[tableName] ?? [])
        batch.get(name({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' }))?.resolve(item);
      missing = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    for (const { resolve } of batch.values()) resolve(undefined);
  };

  const getPage = (
    pk: string,
    part: Pick<QueryCommandInput, 'Limit' | 'ExclusiveStartKey' | 'FilterExpression'>,
    values?: Readonly<Record<string, AttributeValue>>,
  ) => {
    const command = new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk }, ...values },
      ConsistentRead: true,
      ...part,
    });
    return send(() => client.send(command));
  };

  const pointerAmong = async (pk: string, to: readonly string[]): Promise<Item | undefined> => {
    const values = Object.fromEntries(to.map((each, index) => [`:to${index}`, { S: each }]));
    const FilterExpression = `refPk IN (${Object.keys(values).join()})`;
    const { Items: [item] = [] } = await getPage(pk, { FilterExpression }, values);
    return item;
  };

  const flush = (): void => {
    const asked = waiting;
    waiting = new Map();
    const [only] = asked.values();
    if (only && asked.size === 1) {
      getOne(only.key).then(only.resolve, only.reject);
      return;
    }
    for (const batch of asked.size > batchLimit ? inBatches(asked) : [asked]) {
      getBatch(batch).catch((cause: unknown) => {
        for (const { reject } of batch.values()) reject(cause);
      });
    }
  };

  return {
    reads: () => reads,
    get(key) {
      const named = name(key);
      const earlier = waiting.get(named);
      if (earlier) return earlier.item;
      if (waiting.size === 0) process.nextTick(flush);
      const { promise: item, resolve, reject } = Promise.withResolvers<Item | undefined>();
      waiting.set(named, { key, item, resolve, reject });
      return item;
    },
    async query(pk) {
      const items: Item[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await getPage(pk, from ? { ExclusiveStartKey: from } : {});
        items.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from);
      return items;
    },
    async first(pk) {
      const { Items: [item] = [] } = await getPage(pk, { Limit: 1 });
      return item;
    },
    async pointer(pk, to) {
      const found = await Promise.all(inParts(to, operandLimit).map((part) => pointerAmong(pk, part)));
      return found.find((item) => item !== undefined);
    },
  };
}

const inParts = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );

const inBatches = (asked: ReadonlyMap<string, Asked>) =>
  inParts([...asked], batchLimit).map((part) => new Map(part));

const attributes = ({ pk, sk }: Key): Record<string, AttributeValue> => ({ pk: { S: pk }, sk: { S: sk } });

/** A newline is in no key of ours: names are ids, digests, slugs. */
const name = ({ pk, sk }: Key): string => `${pk}\n${sk}`;
