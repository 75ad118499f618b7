import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { authority, type MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { authorizer, type Authorizer } from '../../lambda/authorizer/authorizer.ts';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import type { Surface } from '../../lambda/surfaces/surface.ts';
import { testClock, type TestClock } from './clock.ts';
import { startTestEngine, type TestEngine } from './engine.ts';
import { startSecretsManager, type TestSecretsManager } from './secrets-manager.ts';
import { environment, rings, rows } from './world.ts';

type Line = Readonly<Record<string, unknown>>;

/** The authorizer as deployed, on real engines, in the world of `world.ts`. */
export interface TestAuthorizer {
  readonly engine: TestEngine;
  readonly table: string;
  readonly secrets: TestSecretsManager;
  readonly clock: TestClock;
  /** Every line written to the log. */
  readonly lines: Line[];
  /** A new process: nothing cached. @param variables of the environment, over those of the world */
  compose(variables?: Readonly<Record<string, string>>): MeteredAuthority;
  serve<Response>(surface: Surface<Response>, by?: MeteredAuthority): Authorizer<Response>;
  stop(): Promise<void>;
}

export async function startAuthorizer(): Promise<TestAuthorizer> {
  const [engine, secrets] = await Promise.all([startTestEngine(), startSecretsManager()]);
  const table = await engine.createIdentityTable();
  await put(engine.client, table, rows);
  const ring = (keys: readonly object[]) => ({ value: JSON.stringify({ keys }), versionId: 'v1' });
  secrets.values.set('better-auth', ring(rings.betterAuth));
  secrets.values.set('extension-token', ring(rings.extensionToken));

  const clock = testClock();
  const lines: Line[] = [];
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const dynamodb = new DynamoDBClient({
    ...clientSettings(),
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials,
  });
  const secretsManager = secrets.client();
  const compose: TestAuthorizer['compose'] = (variables = {}) =>
    authority(
      readConfig({ ...environment, AUTH_TABLE_NAME: table, ...variables }),
      { dynamodb, secretsManager: () => secretsManager },
      clock,
    );
  return {
    engine,
    table,
    secrets,
    clock,
    lines,
    compose,
    serve: (surface, by = compose()) => authorizer(surface, by, clock, (line) => lines.push(line)),
    async stop() {
      dynamodb.destroy();
      await Promise.all([engine.stop(), secrets.stop()]);
    },
  };
}

/** Writes items as they are, 25 at a time. */
export async function put(client: DynamoDBClient, table: string, items: readonly object[]): Promise<void> {
  for (let from = 0; from < items.length; from += 25) {
    const requests = items
      .slice(from, from + 25)
      .map((item) => ({ PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
  }
}
