import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter, Where } from '@better-auth/core/db/adapter';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyKey, later, orphans, where } from './fixture.ts';
import type { Row } from './fixture.ts';

const plugin = (name: string) => ({
  id: name,
  schema: {
    [name]: {
      fields: {
        label: { type: 'string' as const, required: true },
        size: { type: 'number' as const, required: false },
        until: { type: 'date' as const, required: false },
      },
    },
  },
});

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
let now: number;
const requests: string[] = [];
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  now = NOW;
  adapter = dynamodbAdapter({
    client: engine.client,
    tableName,
    clock: () => now,
    layout: { setting: { small: true, expiry: { field: 'until', hidden: true } } },
    observe: ({ operation }) => requests.push(operation),
  })({ plugins: [plugin('setting'), plugin('measurement')] });
  for (const label of ['b', 'a', 'c'])
    await adapter.create({
      model: 'setting',
      data: { label, size: label.charCodeAt(0), until: label === 'c' ? later(60) : null },
    });
  requests.length = 0;
});

const labels = async (clauses: Where[] = [], more: object = {}): Promise<unknown[]> =>
  (await adapter.findMany<Row>({ model: 'setting', where: clauses, ...more })).map(({ label }) => label);
const sortBy = { field: 'label', direction: 'asc' as const };

describe('a model declared small', () => {
  test('is listed as a whole, by a query of one partition', async () => {
    expect(await labels([], { sortBy })).toEqual(['a', 'b', 'c']);
    expect(await labels([], { sortBy, limit: 1, offset: 1 })).toEqual(['b']);
    expect(await adapter.count({ model: 'setting' })).toBe(3);
    expect(new Set(requests)).toEqual(new Set(['Query', 'BatchGetItem']));
  });

  test('is found, changed and deleted by any field and any operator', async () => {
    expect(await labels([{ field: 'label', operator: 'ends_with', value: 'b' }])).toEqual(['b']);
    expect(await labels([{ field: 'label', value: 'A', mode: 'insensitive' }])).toEqual(['a']);
    const large: Where[] = [{ field: 'size', operator: 'gt', value: 97 }];
    expect(await adapter.updateMany({ model: 'setting', where: large, update: { size: 1 } })).toBe(2);
    expect(await adapter.deleteMany({ model: 'setting', where: [] })).toBe(3);
    expect(await everyKey(engine.client, tableName)).toEqual([]);
    expect(requests).not.toContain('Scan');
  });

  test('does not list what has expired, and keeps its list when a row is prolonged', async () => {
    await adapter.update({ model: 'setting', where: where('label', 'c'), update: { until: later(120) } });
    now = NOW + 90_000;
    expect(await labels([], { sortBy })).toEqual(['a', 'b', 'c']);
    now = NOW + 120_000;
    expect(await labels([], { sortBy })).toEqual(['a', 'b']);
    expect(await adapter.count({ model: 'setting' })).toBe(2);
    expect(await orphans(engine.client, tableName)).toEqual([]);
  });

  test('is so for itself alone: another model is still refused', async () => {
    await adapter.create({ model: 'measurement', data: { label: 'a' } });
    await expect(adapter.findMany({ model: 'measurement', where: where('label', 'a') })).rejects.toThrow(
      'measurement where label eq would read the whole table. Served are eq and in on id; ' +
        'or name label under "unique" or "lists" in the layout of measurement.',
    );
    await expect(adapter.findMany({ model: 'measurement' })).rejects.toThrow(
      'or set "small" in the layout of measurement, if it will always have few rows.',
    );
  });
});
