import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseKeyRing, signingKey } from '../../lambda/secrets/key-ring.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';

let stack: LocalStack;
let client: SecretsManagerClient;
const rotations: string[] = [];
let rotated: () => void = () => {};

beforeAll(async () => {
  stack = await startFixture({
    onProgress: (line) => {
      if (!line.startsWith('rotation of')) return;
      rotations.push(line);
      rotated();
    },
  });
  client = new SecretsManagerClient({
    endpoint: stack.urls.secretsManager,
    region: stack.urls.region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await stack.stop();
});

const SecretId = 'plain';
const put = (ClientRequestToken: string, SecretString: string, ...VersionStages: string[]) =>
  client.send(
    new PutSecretValueCommand({
      SecretId,
      ClientRequestToken,
      SecretString,
      ...(VersionStages.length > 0 && { VersionStages }),
    }),
  );
const get = (more: object = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));
const stages = async () => (await client.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages;

describe('a seeded secret', () => {
  test('is a ring with one key that signs and one that waits', async () => {
    const secret = await get({ SecretId: stack.urls.secrets.extensionToken });
    const ring = parseKeyRing(secret.SecretString ?? '', secret.VersionId ?? '');
    const now = Date.now();
    expect(ring?.keys).toHaveLength(2);
    expect(signingKey(ring ?? { keys: [] }, now)?.kid).toBe(ring?.keys[0]?.kid);
    expect(ring?.keys[1]?.signFrom).toBeGreaterThan(now / 1000 + 3600);
    expect(secret.VersionStages).toEqual(['AWSCURRENT']);
  });

  test('is kept in a file that only its owner may read', () => {
    const file = join(stack.template.directory, 'secrets.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('signFrom');
  });

  test('is found by ARN, by ARN without its random end and by name, and no other is', async () => {
    const { ARN = '', Name } = await get();
    for (const id of [ARN, ARN.slice(0, -7), Name]) expect((await get({ SecretId: id })).ARN).toBe(ARN);
    await expect(get({ SecretId: 'nothing' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('versions and their stages', () => {
  const first = randomUUID();
  const second = randomUUID();
  beforeEach(async () => {
    await put(first, 'one');
    await put(second, 'two');
  });

  test('a new value is AWSCURRENT and the one before it AWSPREVIOUS', async () => {
    expect(await get()).toMatchObject({ SecretString: 'two', VersionId: second });
    expect(await get({ VersionStage: 'AWSPREVIOUS' })).toMatchObject({
      SecretString: 'one',
      VersionId: first,
    });
  });

  test('the same token with the same value changes nothing; with another value it is refused', async () => {
    const before = await stages();
    await put(second, 'two');
    expect(await stages()).toEqual(before);
    await expect(put(second, 'three')).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  test('a version id and a stage that do not belong together are refused', async () => {
    await expect(get({ VersionId: first, VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    await expect(get({ VersionId: randomUUID() })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(get({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('a label is moved only by one who says where it is now, and AWSCURRENT is never taken away', async () => {
    const move = (MoveToVersionId: string | undefined, RemoveFromVersionId?: string) =>
      client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId,
          RemoveFromVersionId,
        }),
      );
    for (const refused of [move(first), move(first, first), move(undefined, second)]) {
      await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException' });
    }
    await move(first, second);
    expect(await stages()).toMatchObject({ [first]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] });
    await move(second, first);
  });

  test('a version without a label is listed only when deprecated ones are asked for', async () => {
    await put(randomUUID(), 'three');
    const list = async (IncludeDeprecated: boolean) =>
      (await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated }))).Versions?.map(
        ({ VersionId }) => VersionId,
      );
    expect(await list(false)).not.toContain(first);
    expect(await list(true)).toContain(first);
    await put(first, 'one');
  });
});

describe('a rotation', () => {
  const rotate = (more: object = {}) =>
    client.send(new RotateSecretCommand({ SecretId, ClientRequestToken: randomUUID(), ...more }));
  const ended = () => new Promise<void>((resolve) => (rotated = resolve));

  test('without a function is refused', async () => {
    await expect(rotate()).rejects.toMatchObject({ name: 'InvalidRequestException' });
  });

  test('runs the function through its four steps and makes the new version current', async () => {
    const { SecretString: before } = await get();
    const end = ended();
    const { VersionId } = await rotate({
      RotationLambdaARN: 'Fixture-Rotation',
      RotationRules: { AutomaticallyAfterDays: 30 },
    });
    await end;
    expect(rotations.at(-1)).toMatch(/: done$/);
    expect(await get()).toMatchObject({ SecretString: `${before}+`, VersionId });
    const described = await client.send(new DescribeSecretCommand({ SecretId }));
    expect(described).toMatchObject({ RotationEnabled: true, RotationRules: { AutomaticallyAfterDays: 30 } });
    expect(described.LastRotatedDate).toBeInstanceOf(Date);
  });

  test('that fails leaves the current version alone, and is taken up again before another may start', async () => {
    const { SecretString: before } = await get();
    const failed = ended();
    const { VersionId } = await rotate({ RotationLambdaARN: 'Fixture-Broken' });
    await failed;
    expect(rotations.at(-1)).toMatch(/createSecret: RangeError/);
    expect(await get()).toMatchObject({ SecretString: before });
    // The version is there and has no value yet.
    await expect(get({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const retried = ended();
    await expect(rotate({ RotationLambdaARN: 'Fixture-Rotation' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    await retried;
    expect(await get()).toMatchObject({ SecretString: `${before}+`, VersionId });
  });
});

test('what is not served is said so', async () => {
  const response = await fetch(stack.urls.secretsManager, {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.DeleteSecret' },
    body: '{"SecretId":"plain"}',
  });
  expect([response.status, await response.json()]).toMatchObject([
    400,
    { __type: 'UnknownOperationException' },
  ]);
});
