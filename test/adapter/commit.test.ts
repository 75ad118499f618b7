import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyKey, openAdapter, rows } from './fixture.ts';

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
