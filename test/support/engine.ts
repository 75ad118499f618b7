import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { randomUUID } from 'node:crypto';
import { startEngine } from '../../local/engine.ts';

/** A real engine for one test file. */
export interface TestEngine {
  readonly endpoint: string;
  /** Any number of requests in parallel, so that a race is a race. */
  readonly client: DynamoDBClient;
  /** Another client on the same engine, or on a front of it, for a middleware of its own. */
  newClient(at?: string): DynamoDBClient;
  /** Creates a table as deployed: `pk`, `sk`, TTL on `ttl`, no index. @returns its name */
  createIdentityTable(name?: string): Promise<string>;
  stop(): Promise<void>;
}

/**
 * The engine that AWS_ENDPOINT_URL_DYNAMODB names, so that the same tests run against AWS's own DynamoDB
 * Local; else the embedded one, in memory. Table names are unique, so files may share an engine.
 */
export async function startTestEngine(): Promise<TestEngine> {
  const external = process.env['AWS_ENDPOINT_URL_DYNAMODB'];
  const engine = external ? undefined : await startEngine();
  const endpoint = external || (engine?.endpoint ?? '');
  const clients: DynamoDBClient[] = [];
  const newClient = (at = endpoint): DynamoDBClient => {
    const client = new DynamoDBClient({
      endpoint: at,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: 256 } }),
    });
    clients.push(client);
    return client;
  };
  const client = newClient();
  return {
    endpoint,
    client,
    newClient,
    createIdentityTable: (name) => createIdentityTable(client, name),
    stop: async () => {
      for (const each of clients) each.destroy();
      await engine?.stop();
    },
  };
}

async function createIdentityTable(client: DynamoDBClient, name = `test-${randomUUID()}`): Promise<string> {
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
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: name,
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    }),
  );
  return name;
}
