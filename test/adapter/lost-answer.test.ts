import { ProvisionedThroughputExceededException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyItem, everyKey, openAdapter, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

/** What the network does to a write: its SDK, with its usual retries, is that of the adapter. */
type Mishap = 'answer lost' | 'never sent' | 'throttled';

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  adapter = openOn(engine.client);
});
const openOn = (client: DynamoDBClient): DBAdapter => openAdapter({ client, tableName, clock: () => NOW });
const WRITES = new Set(['UpdateItemCommand', 'TransactWriteItemsCommand']);

/** @param at which write it is, from 1 */
function unlucky(mishap: Mishap, at = 1): { client: DynamoDBClient; writes: () => number } {
  const client = engine.newClient();
  let writes = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (!WRITES.has(String(context['commandName'])) || (writes += 1) !== at) return next(args);
      if (mishap === 'never sent')
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      if (mishap === 'throttled')
        throw new ProvisionedThroughputExceededException({
          message: 'slow down',
          $metadata: { httpStatusCode: 400 },
        });
      await next(args);
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    },
    // Next to the network, below the SDK's retries.
    { step: 'deserialize', priority: 'low' },
  );
  return { client, writes: () => writes };
}

const key = (): Promise<Row> =>
  adapter.create({ model: 'apikey', data: rows.apikey('u', { remaining: 100, name: 'before' }) });
const spend = (on: Pick<DBAdapter, 'incrementOne'>, id: string): Promise<Row | null> =>
  on.incrementOne({ model: 'apikey', where: where('id', id), increment: { remaining: -1 } });
const stored = (id: string): Promise<Row | null> =>
  adapter.findOne({ model: 'apikey', where: where('id', id) });
const unknown = { statusCode: 503, body: { code: 'OUTCOME_UNKNOWN' } };

describe('an increment', () => {
  test('whose answer is lost counts once, and says that it may have counted', async () => {
    const { id } = await key();
    const { client, writes } = unlucky('answer lost');
    await expect(spend(openOn(client), id)).rejects.toMatchObject(unknown);
    expect(writes()).toBe(1);
    expect(await stored(id)).toMatchObject({ remaining: 99 });
  });

  test('(control: by the SDK’s own retry it counts twice)', async () => {
    const { client } = unlucky('answer lost');
    await client.send(
      new UpdateItemCommand({
        TableName: tableName,
        Key: marshall({ pk: 'control', sk: '#' }),
        UpdateExpression: 'ADD used :one',
        ExpressionAttributeValues: marshall({ ':one': 1 }),
      }),
    );
    expect(await everyItem(engine.client, tableName)).toEqual([{ pk: 'control', sk: '#', used: 2 }]);
  });

  test.each(['never sent', 'throttled'] as const)(
    'that was %s is sent again, and counts once',
    async (mishap) => {
      const { id } = await key();
      const { client, writes } = unlucky(mishap);
      expect(await spend(openOn(client), id)).toMatchObject({ remaining: 99 });
      expect(writes()).toBe(2);
      expect(await stored(id)).toMatchObject({ remaining: 99 });
    },
  );

  test('whose answer is lost counts once on a client that keeps its middleware as well', async () => {
    const { id } = await key();
    const { client } = unlucky('answer lost', 2);
    Object.assign(client.config, { cacheMiddleware: true });
    const on = openOn(client);
    // One that may be repeated: its command brings no middleware.
    await on.update({ model: 'apikey', where: where('id', id), update: { name: 'after' } });
    await expect(spend(on, id)).rejects.toMatchObject(unknown);
    expect(await stored(id)).toMatchObject({ remaining: 99 });
  });

  test('in a transaction whose answer is lost counts once, and succeeds', async () => {
    const { id } = await key();
    const { client, writes } = unlucky('answer lost');
    await openOn(client).transaction(async (trx) => {
      await spend(trx, id);
      await trx.create({ model: 'user', data: rows.user() });
    });
    expect(writes()).toBe(2);
    expect(await stored(id)).toMatchObject({ remaining: 99 });
  });
});

describe('of a write whose answer is lost', () => {
  test('an update that changes what it asks for does not answer that it was refused', async () => {
    const { id } = await key();
    const { client } = unlucky('answer lost');
    const swap = openOn(client).update({
      model: 'apikey',
      where: [...where('id', id), ...where('name', 'before')],
      update: { name: 'after' },
    });
    await expect(swap).rejects.toMatchObject(unknown);
    expect(await stored(id)).toMatchObject({ name: 'after' });
  });

  test('an update that may be repeated is, and answers with the row', async () => {
    const { id } = await key();
    const { client, writes } = unlucky('answer lost');
    const update = openOn(client).update({
      model: 'apikey',
      where: where('id', id),
      update: { name: 'after' },
    });
    expect(await update).toMatchObject({ name: 'after', remaining: 100 });
    expect(writes()).toBe(2);
  });

  test.each([
    ['with pointers', 'user', rows.user()],
    ['alone in its partition', 'rateLimit', { key: 'ip', count: 1, lastRequest: NOW }],
  ])('a creation of a row %s succeeds: it does not meet itself', async (_, model, data) => {
    const { client, writes } = unlucky('answer lost');
    expect(await openOn(client).create({ model, data })).toMatchObject(data);
    expect(writes()).toBe(2);
  });

  test.each([
    ['with edges', 'verification', rows.verification('v'), where('identifier', 'v')],
    ['alone in its partition', 'rateLimit', { key: 'ip', count: 1, lastRequest: NOW }, where('key', 'ip')],
  ])('a consumption of a row %s gives the row, and a deletion counts it', async (_, model, data, which) => {
    await adapter.create({ model, data });
    expect(await openOn(unlucky('answer lost').client).consumeOne({ model, where: which })).toMatchObject(
      data,
    );
    await adapter.create({ model, data });
    expect(await openOn(unlucky('answer lost').client).deleteMany({ model, where: which })).toBe(1);
    expect(await everyKey(engine.client, tableName)).toEqual([]);
  });
});
