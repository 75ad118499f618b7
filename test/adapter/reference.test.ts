import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DBAdapter, DBTransactionAdapter } from '@better-auth/core/db/adapter';
import * as fc from 'fast-check';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { runs } from '../support/runs.ts';
import { NOW, everyItem, openAdapter, orphans } from './fixture.ts';
import { operations } from './operations.ts';
import type { Operation, Simple } from './operations.ts';
import type { Fields } from './random-rows.ts';
import { Reference, Refusal } from './reference.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const byId = (rows: Fields[]): Fields[] =>
  rows.map((row) => ({ ...row })).sort((a, b) => String(a['id']).localeCompare(String(b['id'])));

async function askAdapter(adapter: DBTransactionAdapter, operation: Simple): Promise<unknown> {
  const { model } = operation;
  switch (operation.do) {
    case 'create':
      return adapter.create({ model, data: { ...operation.row }, forceAllowId: true });
    case 'find':
      return byId(await adapter.findMany({ model, where: operation.where }));
    case 'count':
      return adapter.count(operation);
    case 'update':
      return adapter.update(operation);
    case 'updateMany':
      return adapter.updateMany(operation);
    case 'delete':
      return (await adapter.delete(operation)) ?? null;
    case 'deleteMany':
      return adapter.deleteMany(operation);
    case 'consume':
      return adapter.consumeOne(operation);
    case 'increment':
      return adapter.incrementOne({
        model,
        where: operation.where,
        increment: { remaining: operation.delta },
      });
  }
}

function askReference(reference: Reference, operation: Simple): unknown {
  const { model } = operation;
  switch (operation.do) {
    case 'create':
      return reference.create(model, operation.row);
    case 'find':
      return byId(reference.find(model, operation.where));
    case 'count':
      return reference.find(model, operation.where).length;
    case 'update':
      return { ...reference.update(model, operation.where, operation.update, 1)[0] };
    case 'updateMany':
      return reference.update(model, operation.where, operation.update).length;
    case 'delete':
      reference.removeAll(model, operation.where);
      return null;
    case 'deleteMany':
      return reference.removeAll(model, operation.where);
    case 'increment': {
      const row = reference.increment(model, operation.where, 'remaining', operation.delta);
      return row === undefined ? null : { ...row };
    }
    case 'consume': {
      const [row] = reference.find(model, operation.where);
      if (row !== undefined) reference.remove(model, [row]);
      return row ?? null;
    }
  }
}

/** The answer, or the code of the refusal; any other error is the test's. */
async function answer(work: () => unknown): Promise<unknown> {
  try {
    return comparable(await work());
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    if (error instanceof Error && 'body' in error) return Object(error.body).code;
    throw error;
  }
}

/** Better Auth sets `updatedAt` by a clock of its own. An absent field is null, an absent row is null. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([field, each]) => field !== 'updatedAt' && each !== null);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

async function perform(
  adapter: DBAdapter,
  reference: Reference,
  operation: Operation,
): Promise<[unknown, unknown]> {
  if (operation.do === 'wait') {
    reference.now += operation.seconds * 1000;
    return [null, null];
  }
  if (operation.do !== 'transaction') {
    return [
      await answer(() => askAdapter(adapter, operation)),
      await answer(() => askReference(reference, operation)),
    ];
  }
  const actual: unknown[] = [];
  const failure = new Error('rolled back');
  const committing = adapter.transaction(async (trx) => {
    for (const step of operation.steps) actual.push(await answer(() => askAdapter(trx, step)));
    if (operation.fails) throw failure;
  });
  if (operation.fails) await expect(committing).rejects.toBe(failure);
  else await committing;
  const restore = reference.snapshot();
  const expected: unknown[] = [];
  for (const step of operation.steps) expected.push(await answer(() => askReference(reference, step)));
  if (operation.fails) restore();
  return [actual, expected];
}

/** Neither pointer nor edge, nor the count of an ordered list. */
const isRow = (item: Record<string, unknown>): boolean =>
  item['refPk'] === undefined && item['placed'] === undefined;

// A run is 20 to 60 operations: FC_RUNS=250 are some 10,000.
test('any sequence of operations gets the answers that a list in memory would give, and leaves no orphan', async () => {
  await fc.assert(
    fc.asyncProperty(operations, async (sequence) => {
      const reference = new Reference(NOW);
      const tableName = await engine.createIdentityTable();
      const adapter = openAdapter({ client: engine.client, tableName, clock: () => reference.now });
      for (const operation of sequence) {
        const [actual, expected] = await perform(adapter, reference, operation);
        expect(actual).toEqual(expected);
      }
      expect(await orphans(engine.client, tableName)).toEqual([]);
      const rows = (await everyItem(engine.client, tableName)).filter(isRow);
      expect(rows).toHaveLength(Object.values(reference.rows).flat().length);
    }),
    runs(25),
  );
}, 600_000);
