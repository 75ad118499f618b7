import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mkdirSync, writeFileSync } from 'node:fs';
import { messageOf } from '../local/stack-error.ts';
import { environment } from './source/environment.ts';
import { directory, text } from './source/files.ts';
import { freshCases } from './source/fresh.ts';
import { findPlace, type Place } from './source/place.ts';
import { seed } from './source/seed.ts';

/**
 * `npm run events`: writes the rows that the events speak of, and into `events/fresh/` the events with a token
 * that is valid for an hour, with an `env.json` for where the rows are.
 */
const fresh = new URL('fresh/', directory);

/**
 * A container of Docker Desktop reaches this machine by a name; on Linux `--docker-network host` makes this
 * machine's addresses its own.
 */
const fromContainer = (address: string): string =>
  process.platform === 'linux' ? address : address.replace(/127\.0\.0\.1|localhost/, 'host.docker.internal');

const variables = ({ dynamodb, authTable, recordsTable }: Place) => ({
  Parameters: {
    ...environment,
    AUTH_TABLE_NAME: authTable,
    RECORDS_TABLE_NAME: recordsTable,
    AWS_ENDPOINT_URL_DYNAMODB: fromContainer(dynamodb),
  },
});

async function prepare(): Promise<void> {
  const place = await findPlace(process.env);
  const client = new DynamoDBClient({
    endpoint: place.dynamodb,
    region: place.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    await seed(client, place.authTable);
  } finally {
    client.destroy();
  }
  mkdirSync(fresh, { recursive: true });
  for (const { file, event } of await freshCases(Date.now()))
    writeFileSync(new URL(file, fresh), text(event));
  writeFileSync(new URL('env.json', fresh), text(variables(place)));

  const network = process.platform === 'linux' ? ' --docker-network host' : '';
  console.log(`Rows are in table ${place.authTable} at ${place.dynamodb}; fresh events in events/fresh/.
Try one (needs Docker and the SAM CLI, after npm run synth):

  sam local invoke -t cdk.out/CrmAuthorizer.template.json RestAuthorizer${network} \\
    -e events/rest-api-key.json --env-vars events/fresh/env.json`);
}

try {
  await prepare();
} catch (error) {
  console.error(`events: ${messageOf(error)}`);
  process.exitCode = 1;
}
