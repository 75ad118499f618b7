import { randomUUID } from 'node:crypto';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rotation } from '../../lambda/rotation/rotation.ts';
import { secretVersions } from '../../lambda/rotation/secret-versions.ts';
import { generateKey, parseKeyRing, serializeKeyRing } from '../../lambda/secrets/key-ring.ts';
import { testClock } from '../support/clock.ts';
import { subjectTo, type Fate } from './fate.ts';
import { event, margin, steps } from './harness.ts';
import { bounds, second } from './ring.ts';

/**
 * The four steps against moto, a Secrets Manager that others wrote: `.ci/moto-rotation` runs this. moto makes
 * the version and calls a function that does nothing; then the real steps are done here.
 */
const endpoint = process.env['MOTO_URL'] ?? '';
const place = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
const client = new SecretsManagerClient({ ...place, maxAttempts: 1 });
const lambda = new LambdaClient(place);
const clients = [client];
const clock = testClock();
const revoked = new Set<string>();
let functionArn = '';

beforeAll(async () => {
  const send = (path: string, init: RequestInit) => fetch(`${endpoint}${path}`, { method: 'POST', ...init });
  await send('/moto-api/config', { body: JSON.stringify({ lambda: { use_docker: false } }) });
  const Action = 'Action=CreateRole&RoleName=rotation&AssumeRolePolicyDocument=%7B%7D&Version=2010-05-08';
  const authorization = 'AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iam/aws4_request';
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  await send('/', { body: Action, headers });
  const made = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'rotation',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/rotation',
      Code: { ZipFile: Buffer.from('nothing') },
    }),
  );
  functionArn = made.FunctionArn ?? '';
});
afterAll(() => {
  for (const each of [...clients, lambda]) each.destroy();
});

async function create(SecretString: string): Promise<string> {
  return (await client.send(new CreateSecretCommand({ Name: randomUUID(), SecretString }))).ARN ?? '';
}

/** An empty version with AWSPENDING, as a rotation begins. @returns its id */
async function begin(arn: string): Promise<string> {
  const ClientRequestToken = randomUUID();
  await client.send(
    new RotateSecretCommand({ SecretId: arn, ClientRequestToken, RotationLambdaARN: functionArn }),
  );
  return ClientRequestToken;
}

function processOf(arn: string, fate: Fate = {}): (given: unknown) => Promise<void> {
  const own = new SecretsManagerClient({ ...place, maxAttempts: 1 });
  clients.push(own);
  const versions = secretVersions(subjectTo(fate, own), arn);
  const isKeyRevoked = (kid: string) => Promise.resolve(revoked.has(kid));
  return rotation({ arn, versions, isKeyRevoked, bounds, clock, log: () => {} });
}

async function run(arn: string, version: string, process = processOf(arn)): Promise<unknown> {
  try {
    for (const step of steps) await process(event(arn, version, step));
    return undefined;
  } catch (cause) {
    return cause;
  }
}

const stages = async (arn: string) =>
  (await client.send(new DescribeSecretCommand({ SecretId: arn }))).VersionIdsToStages ?? {};

async function ringOf(arn: string) {
  const { SecretString = '', VersionId = '' } = await client.send(
    new GetSecretValueCommand({ SecretId: arn, VersionStage: 'AWSCURRENT' }),
  );
  return parseKeyRing(SecretString, VersionId)?.keys ?? [];
}

async function expectRotatedOnce(arn: string, first: string, version: string): Promise<void> {
  expect((await ringOf(arn)).map(({ kid }) => kid)).toEqual([first, expect.any(String)]);
  expect((await stages(arn))[version]).toContain('AWSCURRENT');
  const pending = Object.entries(await stages(arn)).filter(([, each]) => each.includes('AWSPENDING'));
  expect(pending.filter(([id]) => id !== version)).toEqual([]);
}

const ringOfOne = () => {
  const key = generateKey(second - 10);
  return { kid: key.kid, value: serializeKeyRing({ keys: [key] }) };
};

test('a rotation publishes one key more', async () => {
  const { kid, value } = ringOfOne();
  const arn = await create(value);
  const version = await begin(arn);
  expect(await run(arn, version)).toBeUndefined();
  await expectRotatedOnce(arn, kid, version);
});

test('a plain string is carried over under the name of its version', async () => {
  const arn = await create('a secret of before, as it was typed');
  const [first = ''] = Object.keys(await stages(arn));
  const version = await begin(arn);
  expect(await run(arn, version)).toBeUndefined();
  await expectRotatedOnce(arn, first, version);
});

test.each(['before', 'after'] as const)(
  'killed %s any call and repeated, it comes to one new key',
  async (when) => {
    let call = 0;
    let failure: unknown;
    do {
      call += 1;
      const { kid, value } = ringOfOne();
      const arn = await create(value);
      const version = await begin(arn);
      failure = await run(arn, version, processOf(arn, { kill: { call, when } }));
      expect(await run(arn, version)).toBeUndefined();
      await expectRotatedOnce(arn, kid, version);
    } while (failure !== undefined);
    expect(call).toBeGreaterThan(12);
  },
);

test('two at once come to one ring', async () => {
  const { kid, value } = ringOfOne();
  const arn = await create(value);
  const version = await begin(arn);
  const both = [processOf(arn), processOf(arn)];
  for (const step of steps) await Promise.all(both.map((each) => each(event(arn, version, step))));
  await expectRotatedOnce(arn, kid, version);
});

test.each<[string, RegExp, (arn: string, kid: string) => unknown]>([
  ['too much time', /before every reader has seen it/, () => clock.advance(margin + 1001)],
  ['a revocation', /has been revoked/, (_, kid) => revoked.add(kid)],
  [
    'an operator who publishes',
    /is withdrawn|is not pending/,
    (SecretId) => client.send(new PutSecretValueCommand({ SecretId, SecretString: ringOfOne().value })),
  ],
])('%s withdraws the version: nothing is pending, and the next rotation is done', async (_, why, happens) => {
  const { kid, value } = ringOfOne();
  const arn = await create(value);
  const version = await begin(arn);
  await processOf(arn)(event(arn, version, 'createSecret'));
  await happens(arn, kid);
  const before = await ringOf(arn);
  expect(await run(arn, version)).toMatchObject({ message: expect.stringMatching(why) });
  expect(await ringOf(arn)).toEqual(before);
  expect(Object.values(await stages(arn)).flat()).not.toContain('AWSPENDING');
  expect(await run(arn, await begin(arn))).toBeUndefined();
  expect(await ringOf(arn)).not.toEqual(before);
});

test('a value that is no ring fails, and stays', async () => {
  const arn = await create('{"keys":[]}');
  expect(await run(arn, await begin(arn))).toMatchObject({ kind: 'secret' });
  expect(await ringOf(arn)).toEqual([]);
});
