import { BatchWriteItemCommand, CreateTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

export interface Item {
  readonly pk: string;
  readonly sk: string;
  readonly [attribute: string]: unknown;
}

/** A table with the keys of the deployed identity table. */
export async function createTable(client: DynamoDBClient, name: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
}

/** BatchWriteItem's limit (API reference, 2012-08-10). */
const batch = 25;
/** Batches under way at a time. */
const writers = 4;

/** Writes items as they are, in the order of nothing in particular. */
export async function put(client: DynamoDBClient, table: string, items: Iterator<Item>): Promise<void> {
  const write = async (): Promise<void> => {
    for (;;) {
      const requests = take(items, batch).map((item) => ({ PutRequest: { Item: marshall(item) } }));
      if (requests.length === 0) return;
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
      );
      if (UnprocessedItems?.[table]?.length) throw new Error('The engine left items unwritten.');
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
}

function take<T>(values: Iterator<T>, most: number): readonly T[] {
  const taken: T[] = [];
  while (taken.length < most) {
    const next = values.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}
