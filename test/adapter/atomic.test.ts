import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyKey, later, openAdapter, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
let requests: string[];
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  requests = [];
  const observe = ({ operation }: { operation: string }) => requests.push(operation);
  adapter = openAdapter({ client: engine.client, tableName, clock: () => NOW, observe });
});

const createKey = (fields: object): Promise<Row> =>
  adapter.create({ model: 'apikey', data: rows.apikey('someone', fields) });
const times = <T>(count: number, work: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, work));
const granted = (results: unknown[]): number => results.filter((result) => result !== null).length;
const remainingOf = async (id: string): Promise<unknown> =>
  (await adapter.findOne<Row>({ model: 'apikey', where: where('id', id) }))?.['remaining'];

describe('incrementOne', () => {
  test('spends 100 uses exactly 100 times when 200 ask at once', async () => {
    const { id } = await createKey({ remaining: 100 });
    const results = await times(200, () =>
      adapter.incrementOne({
        model: 'apikey',
        where: [
          { field: 'id', value: id },
          { field: 'remaining', operator: 'gt', value: 0 },
        ],
        increment: { remaining: -1 },
      }),
    );
    expect(granted(results)).toBe(100);
    expect(await remainingOf(id)).toBe(0);
  });

  test('(control: reading the number and writing it back spends more)', async () => {
    const { id } = await createKey({ remaining: 100 });
    const write = (remaining: number) =>
      adapter.update({ model: 'apikey', where: where('id', id), update: { remaining: remaining - 1 } });
    const results: unknown[] = [];
    for (let pair = 0; pair < 100; pair += 1) {
      const read = await times(2, async () => Number(await remainingOf(id)));
      const left = read.filter((remaining) => remaining > 0);
      results.push(...(await Promise.all(left.map(write))));
    }
    expect(granted(results)).toBeGreaterThan(100);
  });

  test('is one request once the key of the row is known', async () => {
    const { id } = await createKey({ remaining: 100 });
    const ask = () =>
      adapter.incrementOne({ model: 'apikey', where: where('id', id), increment: { remaining: -1 } });
    await ask();
    requests.length = 0;
    expect(await ask()).toMatchObject({ remaining: 98 });
    expect(requests).toEqual(['UpdateItem']);
  });

  test('counts from zero where there was no number, and sets fields in the same step', async () => {
    const { id } = await createKey({});
    const row = await adapter.incrementOne({
      model: 'apikey',
      where: where('id', id),
      increment: { requestCount: 2 },
      set: { lastRequest: later(1), name: null },
    });
    expect(row).toMatchObject({ requestCount: 2, lastRequest: later(1), name: null });
  });

  test('changes nothing when its guard does not hold, whatever DynamoDB can or cannot express', async () => {
    const { id } = await createKey({ name: 'Left', remaining: 1 });
    for (const guard of [
      { field: 'name', operator: 'ends_with' as const, value: 'right' },
      { field: 'name', operator: 'eq' as const, value: 'RIGHT', mode: 'insensitive' as const },
      { field: 'remaining', operator: 'in' as const, value: [2, 3] },
      { field: 'permissions', operator: 'ne' as const, value: null },
    ]) {
      const guarded = [{ field: 'id', value: id }, guard];
      expect(
        await adapter.incrementOne({ model: 'apikey', where: guarded, increment: { remaining: 1 } }),
      ).toBeNull();
    }
    expect(await remainingOf(id)).toBe(1);
  });

  test('honours a guard that DynamoDB cannot express under contention too', async () => {
    const { id } = await createKey({ name: 'FREE', remaining: 0 });
    const results = await times(20, () =>
      adapter.incrementOne({
        model: 'apikey',
        where: [
          { field: 'id', value: id },
          { field: 'name', value: 'free', mode: 'insensitive' },
        ],
        increment: { remaining: 1 },
        set: { name: 'TAKEN' },
      }),
    );
    expect(granted(results)).toBe(1);
    expect(await remainingOf(id)).toBe(1);
  });

  test('moves a rate limit window once: of 30 who find it over, one resets it', async () => {
    await adapter.create({ model: 'rateLimit', data: { key: 'ip', count: 9, lastRequest: NOW - 100_000 } });
    const results = await times(30, () =>
      adapter.incrementOne({
        model: 'rateLimit',
        where: [
          { field: 'key', value: 'ip' },
          { field: 'lastRequest', operator: 'lte', value: NOW - 100_000 },
        ],
        increment: {},
        set: { count: 1, lastRequest: NOW },
      }),
    );
    expect(granted(results)).toBe(1);
  });
});

describe('consumeOne', () => {
  test('gives the row to exactly one of 50, and nothing of it stays', async () => {
    const { id } = await adapter.create<Record<string, unknown>, Row>({
      model: 'verification',
      data: rows.verification('v'),
    });
    const results = await times(50, () =>
      adapter.consumeOne<Row>({ model: 'verification', where: where('id', id) }),
    );
    expect(granted(results)).toBe(1);
    expect(results.find((row) => row !== null)).toMatchObject({ id, identifier: 'v', value: 'value' });
    expect(await everyKey(engine.client, tableName)).toEqual([]);
  });

  test('(control: finding it and deleting it then gives it to several)', async () => {
    const { id } = await adapter.create<Record<string, unknown>, Row>({
      model: 'verification',
      data: rows.verification('v'),
    });
    const results = await times(50, () => adapter.findOne({ model: 'verification', where: where('id', id) }));
    await times(50, () => adapter.delete({ model: 'verification', where: where('id', id) }));
    expect(granted(results)).toBeGreaterThan(1);
  });

  test('takes one of several that match, and another the next time', async () => {
    for (const value of ['a', 'b'])
      await adapter.create({ model: 'verification', data: rows.verification('v', { value }) });
    const take = () => adapter.consumeOne<Row>({ model: 'verification', where: where('identifier', 'v') });
    const taken = await Promise.all([take(), take(), take()]);
    expect(new Set(taken.map((row) => row?.['value']))).toEqual(new Set([undefined, 'a', 'b']));
  });

  test('returns the row as it was deleted, and guards it then: not as it was when it was looked at', async () => {
    const { id } = await adapter.create<Record<string, unknown>, Row>({
      model: 'verification',
      data: rows.verification('v'),
    });
    const changeMeanwhile = (value: string): DBAdapter => {
      const client = engine.newClient();
      let writes = 0;
      client.middlewareStack.add(
        (next, context) => async (args) => {
          const first = context['commandName'] === 'TransactWriteItemsCommand' && (writes += 1) === 1;
          if (first)
            await adapter.update({ model: 'verification', where: where('id', id), update: { value } });
          return next(args);
        },
        { step: 'initialize' },
      );
      return openAdapter({ client, tableName, clock: () => NOW });
    };
    const guarded = [...where('id', id), ...where('value', 'value')];
    expect(await changeMeanwhile('a').consumeOne({ model: 'verification', where: guarded })).toBeNull();
    const unguarded = changeMeanwhile('b').consumeOne({ model: 'verification', where: where('id', id) });
    expect(await unguarded).toMatchObject({ value: 'b' });
  });

  test('leaves the row when its guard does not hold', async () => {
    await adapter.create({ model: 'verification', data: rows.verification('v') });
    const guarded = [...where('identifier', 'v'), ...where('value', 'other')];
    expect(await adapter.consumeOne({ model: 'verification', where: guarded })).toBeNull();
    expect(await adapter.count({ model: 'verification', where: where('identifier', 'v') })).toBe(1);
  });
});

describe('updateMany and deleteMany', () => {
  test('count the rows that they themselves changed or deleted', async () => {
    const user: Row = await adapter.create({ model: 'user', data: rows.user() });
    for (let index = 0; index < 130; index += 1) {
      await adapter.create({
        model: 'session',
        data: rows.session(user.id, { ipAddress: index < 60 ? 'a' : 'b' }),
      });
    }
    const ofA = [...where('userId', user.id), ...where('ipAddress', 'a')];
    expect(await adapter.updateMany({ model: 'session', where: ofA, update: { userAgent: 'x' } })).toBe(60);
    const counts = await times(4, () =>
      adapter.deleteMany({ model: 'session', where: where('userId', user.id) }),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(130);
    expect((await everyKey(engine.client, tableName)).filter((key) => key.startsWith('session'))).toEqual([]);
  });
});
