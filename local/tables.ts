import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { messageOf, StackError } from './stack-error.ts';
import type { Resource, Template } from './template.ts';

const KeySchema = v.array(v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }));
const Index = v.looseObject({
  IndexName: v.string(),
  KeySchema,
  Projection: v.object({
    ProjectionType: v.picklist(['ALL', 'INCLUDE', 'KEYS_ONLY']),
    NonKeyAttributes: v.optional(v.array(v.string())),
  }),
});
const Properties = v.object({
  AttributeDefinitions: v.array(
    v.object({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) }),
  ),
  KeySchema,
  GlobalSecondaryIndexes: v.optional(v.array(Index), []),
  TimeToLiveSpecification: v.optional(v.object({ AttributeName: v.string(), Enabled: v.boolean() })),
});
type TableResource = Resource<v.InferOutput<typeof Properties>>;

/** `TableV2` synthesizes to a global table with one replica. */
export const readTables = (template: Template): readonly TableResource[] => [
  ...template.resources('AWS::DynamoDB::GlobalTable', Properties),
  ...template.resources('AWS::DynamoDB::Table', Properties),
];

export interface TableOptions {
  readonly endpoint: string;
  readonly region: string;
  /** Drop the template's tables first. Other tables of the engine are never touched. */
  readonly reset: boolean;
}

/** Creates what is not there yet. Data of an earlier run stays. */
export async function createTables(tables: readonly TableResource[], options: TableOptions): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: options.endpoint,
    region: options.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 2,
  });
  try {
    for (const table of tables) {
      if (options.reset) await dropTable(client, table.ref);
      if (!(await tableExists(client, table.ref))) await createTable(client, table);
    }
  } catch (error) {
    throw new StackError(
      `the DynamoDB engine at ${options.endpoint} does not do its work (${messageOf(error)}): ` +
        'is it running, and is AWS_ENDPOINT_URL_DYNAMODB its address?',
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}

async function createTable(client: DynamoDBClient, { ref, properties }: TableResource): Promise<void> {
  const { GlobalSecondaryIndexes: indexes, TimeToLiveSpecification: ttl } = properties;
  await client.send(
    new CreateTableCommand({
      TableName: ref,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: properties.AttributeDefinitions,
      KeySchema: properties.KeySchema,
      ...(indexes.length > 0 && {
        GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema: keys, Projection }) => ({
          IndexName,
          KeySchema: keys,
          Projection: {
            ProjectionType: Projection.ProjectionType,
            ...(Projection.NonKeyAttributes && { NonKeyAttributes: Projection.NonKeyAttributes }),
          },
        })),
      }),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 2 }, { TableName: ref });
  if (!ttl) return;
  await client.send(new UpdateTimeToLiveCommand({ TableName: ref, TimeToLiveSpecification: ttl }));
}

async function dropTable(client: DynamoDBClient, TableName: string): Promise<void> {
  if (!(await tableExists(client, TableName))) return;
  await client.send(new DeleteTableCommand({ TableName }));
  await waitUntilTableNotExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 2 }, { TableName });
}

async function tableExists(client: DynamoDBClient, TableName: string): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}
