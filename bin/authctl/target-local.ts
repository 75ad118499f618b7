import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { CommandFailure } from './failure.ts';
import type { Target } from './target.ts';

const stackFile = v.object({
  dynamodb: v.string(),
  secretsManager: v.string(),
  region: v.string(),
  configuration: v.record(v.string(), v.string()),
});

/** The stack that `npm start` runs, from its stack.json. */
export async function localTarget(directory: string): Promise<Target> {
  const { dynamodb, secretsManager, region, configuration } = await readStackFile(
    join(directory, 'stack.json'),
  );
  // Local engines accept any.
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const settings = { ...clientSettings({ requestTimeout: 2000 }), region, credentials };
  const clients = {
    dynamodb: new DynamoDBClient({ ...settings, endpoint: dynamodb }),
    secretsManager: new SecretsManagerClient({ ...settings, endpoint: secretsManager }),
  };
  return {
    ...clients,
    config: readConfig(configuration),
    close: () => {
      clients.dynamodb.destroy();
      clients.secretsManager.destroy();
    },
  };
}

async function readStackFile(file: string): Promise<v.InferOutput<typeof stackFile>> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new CommandFailure(
      'no_stack',
      'No local stack is running here: start one with npm start, or name one on AWS with --stack.',
    );
  }
  const parsed = v.safeParse(stackFile, json(text));
  if (!parsed.success) {
    throw new CommandFailure('no_stack', `${file} is not of a stack of this version: start it again.`);
  }
  return parsed.output;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
