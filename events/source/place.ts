import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { StackError } from '../../local/stack-error.ts';
import { createTables, readTables } from '../../local/tables.ts';
import { loadAssembly, openTemplate } from '../../local/template.ts';

/** Where the world of the events is to be written. */
export interface Place {
  readonly dynamodb: string;
  readonly region: string;
  readonly authTable: string;
  readonly recordsTable: string;
}

const root = new URL('../../', import.meta.url);
const path = (relative: string): string => fileURLToPath(new URL(relative, root));
const Stack = v.object({
  ready: v.literal(true),
  dynamodb: v.string(),
  region: v.string(),
  table: v.string(),
});

/**
 * The engine that `AWS_ENDPOINT_URL_DYNAMODB` names, with the tables of `cdk.out`, made where they are missing;
 * else the running local stack.
 *
 * @throws {StackError} there is neither, with what to do
 */
export async function findPlace(env: Readonly<Record<string, string | undefined>>): Promise<Place> {
  const dynamodb = env['AWS_ENDPOINT_URL_DYNAMODB'];
  return dynamodb ? engine(dynamodb, env['AWS_REGION'] ?? 'us-east-1') : runningStack();
}

async function engine(dynamodb: string, region: string): Promise<Place> {
  const assembly = path('cdk.out');
  if (!existsSync(assembly)) throw new StackError('there is no cdk.out: run `npm run synth` first');
  const template = openTemplate(loadAssembly(assembly), region);
  await createTables(readTables(template), { endpoint: dynamodb, region, reset: false });
  const authTable = template.output('TableName') ?? '';
  return { dynamodb, region, authTable, recordsTable: template.output('RecordsTableName') ?? '' };
}

function runningStack(): Place {
  const file = path('.local/stack.json');
  if (!existsSync(file)) {
    throw new StackError(
      'no local stack is running: run `npm start`, or name an engine with AWS_ENDPOINT_URL_DYNAMODB',
    );
  }
  const { dynamodb, region, table } = v.parse(Stack, JSON.parse(readFileSync(file, 'utf8')));
  const template = openTemplate(loadAssembly(path('.local/cdk.out')), region);
  return { dynamodb, region, authTable: table, recordsTable: template.output('RecordsTableName') ?? '' };
}
