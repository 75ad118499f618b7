import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';
import { dynamodbClient } from '../../lambda/runtime/dynamodb.ts';
import { secretsClient } from '../../lambda/secrets/secrets-manager.ts';

const before = { ...process.env };
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crm-authorizer-'));
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: join(directory, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(directory, 'credentials'),
  });
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, before);
  await rm(directory, { recursive: true });
});

interface Sent {
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Client {
  readonly config: { readonly requestHandler: object };
}

/** What is handed to the network, signed. */
function sentBy({ config }: Client, send: () => Promise<unknown>): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const handle = (request: Sent): never => {
      resolve(request);
      throw new Error('sent');
    };
    Object.assign(config.requestHandler, { handle });
    send().catch(reject);
  });
}

function toDynamodb(client: DynamoDBClient = dynamodbClient()): Promise<Sent> {
  return sentBy(client, () => client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } })));
}

function toSecretsManager(): Promise<Sent> {
  const client = secretsClient();
  return sentBy(client, () => client.send(new GetSecretValueCommand({ SecretId: 's' })));
}

describe('a client of a function', () => {
  test('asks the service of its region', async () => {
    expect(await toDynamodb()).toMatchObject({ hostname: 'dynamodb.eu-central-1.amazonaws.com' });
    expect(await toSecretsManager()).toMatchObject({ hostname: 'secretsmanager.eu-central-1.amazonaws.com' });
  });

  test.each([
    ['AWS_USE_FIPS_ENDPOINT', 'dynamodb-fips.us-east-1.amazonaws.com'],
    ['AWS_USE_DUALSTACK_ENDPOINT', 'dynamodb.us-east-1.api.aws'],
  ])('asks the endpoint that %s selects', async (name, hostname) => {
    Object.assign(process.env, { AWS_REGION: 'us-east-1', [name]: 'true' });
    expect(await toDynamodb()).toMatchObject({ hostname });
    process.env[name] = 'false';
    expect(await toDynamodb()).toMatchObject({ hostname: 'dynamodb.us-east-1.amazonaws.com' });
  });

  test.each(['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'])(
    'is none where %s is neither true nor false',
    (name) => {
      process.env[name] = 'TRUE';
      expect(dynamodbClient).toThrow(`${name} must be true or false`);
    },
  );

  test('asks the endpoint that the environment names, for the one service or for all', async () => {
    process.env['AWS_ENDPOINT_URL'] = 'http://all.localhost:1';
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = 'http://dynamodb.localhost:2';
    expect(await toDynamodb()).toMatchObject({ hostname: 'dynamodb.localhost', port: 2, protocol: 'http:' });
    expect(await toSecretsManager()).toMatchObject({ hostname: 'all.localhost', port: 1 });
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = '';
    expect(await toDynamodb()).toMatchObject({ hostname: 'all.localhost', port: 1 });
    process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] = 'true';
    expect(await toDynamodb()).toMatchObject({ hostname: 'dynamodb.eu-central-1.amazonaws.com' });
  });

  test('signs with the credentials of the environment, and says nothing of the SDK’s features', async () => {
    const { headers } = await toDynamodb();
    expect(headers['authorization']).toContain('Credential=test/');
    expect(Object.keys(headers)).not.toContain('x-amz-user-agent');
  });

  test('takes nothing from a profile, which whoever can write a file could leave there', async () => {
    const profile = '[default]\nendpoint_url = http://elsewhere.localhost\n';
    await writeFile(process.env['AWS_CONFIG_FILE'] ?? '', profile);
    expect(await toDynamodb()).toMatchObject({ hostname: 'dynamodb.eu-central-1.amazonaws.com' });
    expect(await toSecretsManager()).toMatchObject({ hostname: 'secretsmanager.eu-central-1.amazonaws.com' });
    // The SDK by itself does.
    const usual = new DynamoDBClient(clientSettings());
    expect(await toDynamodb(usual)).toMatchObject({ hostname: 'elsewhere.localhost' });
  });
});
