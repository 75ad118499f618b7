import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyKey, openAdapter, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
});
const openOn = (client: DynamoDBClient): DBAdapter => openAdapter({ client, tableName, clock: () => NOW });

/** A client to which DynamoDB answers as it does when transactions meet, for a share of the commits. */
function conflicting(share: (commit: number) => boolean, tokens: (string | undefined)[]): DynamoDBClient {
  const client = engine.newClient();
  let commits = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] !== 'TransactWriteItemsCommand') return next(args);
      if ('ClientRequestToken' in args.input) tokens.push(args.input.ClientRequestToken);
      if (!share((commits += 1))) return next(args);
      throw new TransactionCanceledException({
        message: 'cancelled',
        $metadata: {},
        CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
      });
    },
    { step: 'initialize' },
  );
  return client;
}

describe('a commit that meets another transaction', () => {
  test('is tried again with the same token, and the work that led to it is not', async () => {
    const tokens: (string | undefined)[] = [];
    const adapter = openOn(conflicting((commit) => commit <= 3, tokens));
    let ran = 0;
    await adapter.transaction(async (trx) => {
      ran += 1;
      await trx.create({ model: 'user', data: rows.user() });
    });
    expect(ran).toBe(1);
    expect(tokens).toHaveLength(4);
    expect(new Set(tokens).size).toBe(1);
    expect(await everyKey(engine.client, tableName)).toHaveLength(2);
  });

  test('succeeds for everybody when every third meets one', async () => {
    const adapter = openOn(conflicting((commit) => commit % 3 === 0, []));
    await Promise.all(Array.from({ length: 30 }, () => adapter.create({ model: 'user', data: rows.user() })));
    expect(await everyKey(engine.client, tableName)).toHaveLength(60);
  });

  test('is given up as a 503 when it meets one every time', async () => {
    const adapter = openOn(conflicting(() => true, []));
    await expect(adapter.create({ model: 'user', data: rows.user() })).rejects.toMatchObject({
      statusCode: 503,
      body: { code: 'CONTENTION' },
    });
  });
});

describe('a commit of several changes of one row', () => {
  const lost = { statusCode: 409, body: { code: 'CONCURRENT_CHANGE' } };
  const open = async (): Promise<{ adapter: DBAdapter; id: string }> => {
    const adapter = openOn(engine.client);
    const { id }: Row = await adapter.create({ model: 'user', data: rows.user({ name: 'Before' }) });
    return { adapter, id };
  };

  test('is guarded by what each was decided on, not only the first', async () => {
    const { adapter, id } = await open();
    const guarded = [...where('id', id), ...where('name', 'Before')];
    const losing = adapter.transaction(async (trx) => {
      await trx.update({ model: 'user', where: where('id', id), update: { image: 'first' } });
      await trx.update({ model: 'user', where: guarded, update: { image: 'second' } });
      await adapter.update({ model: 'user', where: where('id', id), update: { name: 'After' } });
    });
    await expect(losing).rejects.toMatchObject(lost);
  });

  test('is guarded by what was read, where a later one was decided on what an earlier one made of it', async () => {
    const { adapter } = await open();
    const { id }: Row = await adapter.create({ model: 'apikey', data: rows.apikey('u', { remaining: 1 }) });
    const spend = (on: Pick<DBAdapter, 'incrementOne'>, guard: typeof anything) =>
      on.incrementOne({
        model: 'apikey',
        where: [...where('id', id), ...guard],
        increment: { remaining: -1 },
      });
    const anything: { field: string; operator: 'gte'; value: number }[] = [];
    const losing = adapter.transaction(async (trx) => {
      await spend(trx, anything);
      expect(await spend(trx, [{ field: 'remaining', operator: 'gte', value: 0 }])).toMatchObject({
        remaining: -1,
      });
      await spend(adapter, anything);
    });
    await expect(losing).rejects.toMatchObject(lost);
    expect(await adapter.findOne({ model: 'apikey', where: where('id', id) })).toMatchObject({
      remaining: 0,
    });
  });

  test('does not mind that somebody else has deleted what it deletes', async () => {
    const { adapter, id } = await open();
    await adapter.transaction(async (trx) => {
      await trx.delete({ model: 'user', where: where('id', id) });
      await adapter.delete({ model: 'user', where: where('id', id) });
    });
    expect(await everyKey(engine.client, tableName)).toEqual([]);
  });
});

test('a transaction in which a read failed is not committed, whoever caught the failure', async () => {
  const client = engine.newClient();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] === 'TransactWriteItemsCommand') return next(args);
      throw new Error('no answer');
    },
    { step: 'initialize' },
  );
  const failing = openOn(client).transaction(async (trx) => {
    await trx.delete({ model: 'user', where: where('id', 'somebody') }).catch(() => {});
    await trx.create({
      model: 'rateLimit',
      data: { id: 'r', key: 'k', count: 1, lastRequest: NOW },
      forceAllowId: true,
    });
  });
  await expect(failing).rejects.toThrow('no answer');
  expect(await everyKey(engine.client, tableName)).toEqual([]);
});

test('a transaction that reads an item twice reads the same, by whatever way it comes to it', async () => {
  const adapter = openOn(engine.client);
  const user: Row = await adapter.create({ model: 'user', data: rows.user() });
  const organization: Row = await adapter.create({ model: 'organization', data: rows.organization() });
  await adapter.create({ model: 'member', data: rows.member(user.id, organization.id) });
  const one = [...where('userId', user.id), ...where('organizationId', organization.id)];
  await adapter.transaction(async (trx) => {
    expect(await trx.findOne({ model: 'member', where: one })).toMatchObject({ role: 'member' });
    await adapter.update({ model: 'member', where: one, update: { role: 'admin' } });
    for (const list of [where('userId', user.id), where('organizationId', organization.id)]) {
      expect(await trx.findMany({ model: 'member', where: list })).toMatchObject([{ role: 'member' }]);
    }
  });
});
