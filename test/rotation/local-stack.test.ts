import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseKeyRing, signingKey } from '../../lambda/secrets/key-ring.ts';
import { startStack, type LocalStack } from '../../local/stack.ts';

const directory = mkdtempSync(join(tmpdir(), 'rotation-stack-'));
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
let stack: LocalStack;
let client: SecretsManagerClient;
/** Every key there was. */
const secrets = new Set<string>();
let ended: (line: string) => void = () => {};

beforeAll(async () => {
  const onProgress = (line: string) => void (line.startsWith('rotation of') && ended(line));
  stack = await startStack({ directory, onProgress });
  const { secretsManager: endpoint, region } = stack.urls;
  client = new SecretsManagerClient({ endpoint, region, credentials });
}, 120_000);
afterAll(async () => {
  client?.destroy();
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function ringOf(arn: string) {
  const { SecretString = '', VersionId = '' } = await client.send(
    new GetSecretValueCommand({ SecretId: arn }),
  );
  const keys = parseKeyRing(SecretString, VersionId)?.keys ?? [];
  for (const { k } of keys) secrets.add(k);
  return keys;
}

/** Rotates, or takes up the rotation that is not finished, to its end. */
async function rotate(arn: string): Promise<string> {
  const end = new Promise<string>((resolve) => (ended = resolve));
  const request = new RotateSecretCommand({ SecretId: arn, ClientRequestToken: randomUUID() });
  await client.send(request).catch((cause: unknown) => {
    if (!/That rotation will be reattempted/.test(String(cause))) throw cause;
  });
  return end;
}

/** Makes a value current. */
async function publish(arn: string, SecretString: string): Promise<string> {
  const { VersionId = '' } = await client.send(new PutSecretValueCommand({ SecretId: arn, SecretString }));
  return VersionId;
}

describe.each([
  ['extensionToken', 'rotation', 3600],
  ['betterAuth', 'sessionRotation', 7 * 24 * 3600],
] as const)('the bundled function, run for the secret %s', (secret, name, lifetime) => {
  const arn = () => stack.urls.secrets[secret] ?? '';

  test('is the one that the secret names', async () => {
    const { RotationLambdaARN } = await client.send(new DescribeSecretCommand({ SecretId: arn() }));
    expect(RotationLambdaARN?.split(':').at(-1)).toBe(stack.urls.functions[name]);
  });

  test('finishes without another key while the seeded one waits', async () => {
    const before = await ringOf(arn());
    expect(await rotate(arn())).toMatch(/: done$/);
    expect(await ringOf(arn())).toEqual(before);
  });

  test('carries over a plain string, and keeps it for as long as what it signed may live', async () => {
    const SecretString = 'a secret of before, as it was typed';
    const VersionId = await publish(arn(), SecretString);
    // The version that was current before still has AWSPENDING, which makes it a rotation to be taken up.
    expect(await rotate(arn())).toMatch(/is withdrawn .*: rotate again/);
    expect(await rotate(arn())).toMatch(/: done$/);
    const [plain, added, ...more] = await ringOf(arn());
    expect(more).toEqual([]);
    expect(plain).toMatchObject({ kid: VersionId, k: SecretString, signFrom: 0 });
    expect(plain?.verifyUntil).toBe(Number(added?.signFrom) + lifetime + 30);
    expect(Number(added?.signFrom) - Date.now() / 1000).toBeGreaterThan(4100);
  });

  test('drops a key that an operator revoked, and the next signs at once', async () => {
    const [plain, waiting] = await ringOf(arn());
    const { dynamodb: endpoint, region, table } = stack.urls;
    const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
    const Item = { pk: { S: `revocation#kid#${plain?.kid}` }, sk: { S: '#' } };
    await dynamodb.send(new PutItemCommand({ TableName: table, Item }));
    dynamodb.destroy();
    expect(await rotate(arn())).toMatch(/: done$/);
    const keys = await ringOf(arn());
    expect(keys.map(({ kid }) => kid)).toEqual([waiting?.kid]);
    expect(signingKey({ keys }, Date.now())?.kid).toBe(waiting?.kid);
  });

  test('of a value that is no ring fails, and says so without it', async () => {
    const SecretString = '{"keys":"SENSITIVE"}';
    await publish(arn(), SecretString);
    expect(await rotate(arn())).toMatch(/testSecret: Fault: The current version holds no key ring/);
    const { SecretString: current } = await client.send(new GetSecretValueCommand({ SecretId: arn() }));
    expect(current).toBe(SecretString);
  });

  test('has written no key to its log', async () => {
    const log = readFileSync(join(directory, 'functions.log'), 'utf8');
    expect(log).toContain('"outcome":"published"');
    expect(log).not.toContain('SENSITIVE');
    expect(secrets.size).toBeGreaterThan(3);
    expect([...secrets].filter((k) => log.includes(k))).toEqual([]);
  });
});
