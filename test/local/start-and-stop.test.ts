import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { startEngine } from '../../local/engine.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'local-stack-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const keys = { pk: { S: 'kept' }, sk: { S: '#' } };
const send = async <T>(endpoint: string, work: (client: DynamoDBClient) => Promise<T>): Promise<T> => {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
};
const write = ({ urls }: LocalStack) =>
  send(urls.dynamodb, (client) => client.send(new PutItemCommand({ TableName: urls.table, Item: keys })));
const isKept = async ({ urls }: LocalStack): Promise<boolean> => {
  const get = new GetItemCommand({ TableName: urls.table, Key: keys });
  return (await send(urls.dynamodb, (client) => client.send(get))).Item !== undefined;
};

test('data and secrets outlast a restart, and LOCAL_RESET=1 begins anew', async () => {
  const first = await startFixture({ directory });
  await write(first);
  await first.stop();
  const second = await startFixture({ directory });
  expect(await isKept(second)).toBe(true);
  await second.stop();
  const third = await startFixture({ directory, reset: true });
  expect(await isKept(third)).toBe(false);
  await third.stop();
});

test('with an engine of somebody else, a reset drops our tables and leaves the others alone', async () => {
  const engine = await startEngine();
  try {
    const ours = await startFixture({ directory, dynamodb: engine.endpoint });
    const theirs = await startFixture({
      dynamodb: engine.endpoint,
      change: ({ Resources }) => Object.assign(Resources['Table']?.Properties ?? {}, { TableName: 'theirs' }),
    });
    await Promise.all([write(ours), write(theirs), ours.stop()]);
    const again = await startFixture({ directory, dynamodb: engine.endpoint, reset: true });
    expect([await isKept(again), await isKept(theirs)]).toEqual([false, true]);
    await Promise.all([again.stop(), theirs.stop()]);
  } finally {
    await engine.stop();
  }
});

test('an engine that is not there is one line that says where and what to do', async () => {
  await expect(startFixture({ directory, dynamodb: 'http://127.0.0.1:9' })).rejects.toThrow(
    /^the DynamoDB engine at http:\/\/127\.0\.0\.1:9 .* is it running, and is AWS_ENDPOINT_URL_DYNAMODB its address\?$/,
  );
});

test('a second start in the same directory is refused, and may start once the first has stopped', async () => {
  const first = await startFixture({ directory });
  await expect(startFixture({ directory })).rejects.toThrow(/already running \(process \d+\)/);
  await first.stop();
  await (await startFixture({ directory })).stop();
});

test('a lock and a stack.json that a crash left behind are in nobody’s way', async () => {
  writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: process.pid, port: 9 }));
  writeFileSync(join(directory, 'stack.json'), '{"ready":true}');
  const stack = await startFixture({ directory });
  expect(existsSync(join(directory, 'stack.json'))).toBe(false);
  await stack.stop();
  expect(existsSync(join(directory, 'lock'))).toBe(false);
});

test('a start that fails leaves no port open and no lock behind', async () => {
  await expect(
    startFixture({ directory, change: ({ Resources }) => void delete Resources['Stage'] }),
  ).rejects.toThrow(/has no stage/);
  expect(existsSync(join(directory, 'lock'))).toBe(false);
  await (await startFixture({ directory })).stop();
});
