import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { identityTable, type IdentityTable } from '../../lambda/store/identity-table.ts';
import { put } from '../support/authorizer.ts';
import { testClock } from '../support/clock.ts';
import { startFront, type DynamodbFront } from '../support/dynamodb-front.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let front: DynamodbFront;
let name: string;
let table: IdentityTable;
beforeAll(async () => {
  engine = await startTestEngine();
  front = await startFront(engine.endpoint);
  name = await engine.createIdentityTable();
  const items = Array.from({ length: 150 }, (_, index) => ({ pk: `item#${index}`, sk: '#', index }));
  // Twice what a page holds, since engines differ in whether it ends before or after its limit of 1 MB.
  const list = Array.from({ length: 6 }, (_, index) => ({
    pk: 'list',
    sk: `s${index}`,
    text: 'x'.repeat(380_000),
  }));
  await put(engine.client, name, items);
  for (const item of list) await put(engine.client, name, [item]);
});
afterAll(async () => {
  await Promise.all([front.stop(), engine.stop()]);
});
beforeEach(() => {
  front.mode = 'pass';
  front.change = (_, answer) => answer;
  front.operations.length = 0;
  front.bodies.length = 0;
  table = identityTable(front.client, name, breaker('store', 'DynamoDB', testClock()));
});

/** One of the items, as it is handed over. */
const numbered = (index: number) => ({ index: { N: String(index) } });

const item = (index: number) => ({ pk: `item#${index}`, sk: '#' });
const get = (...indexes: readonly number[]) => Promise.all(indexes.map((index) => table.get(item(index))));
const faulty = (work: Promise<unknown>): Promise<unknown> =>
  expect(work).rejects.toMatchObject({ name: 'Fault', kind: 'store' });

describe('reading', () => {
  test('one item is one GetItem, strongly consistent', async () => {
    expect(await get(7)).toMatchObject([numbered(7)]);
    expect(front.operations).toEqual(['GetItem']);
    expect(front.bodies[0]).toMatchObject({ ConsistentRead: true });
    expect(table.reads()).toBe(1);
  });

  test('several items asked for at once are one request, each to whom asked for it', async () => {
    expect(await get(3, 1, 999, 2, 3)).toMatchObject([
      numbered(3),
      numbered(1),
      undefined,
      numbered(2),
      numbered(3),
    ]);
    expect(front.operations).toEqual(['BatchGetItem']);
    expect(front.bodies[0]).toMatchObject({ RequestItems: { [name]: { ConsistentRead: true } } });
    expect(table.reads()).toBe(1);
  });

  test('one item asked for several times at once is read once', async () => {
    expect(await get(5, 5, 5)).toMatchObject([numbered(5), numbered(5), numbered(5)]);
    expect(front.operations).toEqual(['GetItem']);
  });

  test('items asked for one after the other are not mixed', async () => {
    expect(await get(1)).toMatchObject([numbered(1)]);
    expect(await get(2)).toMatchObject([numbered(2)]);
    expect(front.operations).toEqual(['GetItem', 'GetItem']);
  });

  test('more than 100 items are asked for in batches of at most 100', async () => {
    const all = await get(...Array.from({ length: 150 }, (_, index) => index));
    expect(all.map((found) => found?.['index']?.N)).toEqual(
      Array.from({ length: 150 }, (_, index) => String(index)),
    );
    expect(front.operations).toEqual(['BatchGetItem', 'BatchGetItem']);
  });

  test('a partition is read through all its pages, in order, strongly consistent', async () => {
    expect((await table.query('list')).map(({ sk }) => sk?.S)).toEqual(['s0', 's1', 's2', 's3', 's4', 's5']);
    expect(new Set(front.operations)).toEqual(new Set(['Query']));
    expect(front.operations.length).toBeGreaterThan(1);
    for (const body of front.bodies) expect(body).toMatchObject({ ConsistentRead: true });
    expect(table.reads()).toBe(front.operations.length);
  });

  test('an empty partition is an empty list', async () => expect(await table.query('nobody')).toEqual([]));
});

describe('what DynamoDB leaves unprocessed', () => {
  /** Gives back all but the first key as unprocessed, for as many answers as said. */
  const leaveOut = (times: number): void => {
    let left = times;
    front.change = (operation, answer) => {
      if (operation !== 'BatchGetItem' || left-- <= 0) return answer;
      return {
        Responses: { [name]: [] },
        UnprocessedKeys: {
          [name]: {
            Keys: [
              { pk: { S: 'item#1' }, sk: { S: '#' } },
              { pk: { S: 'item#2' }, sk: { S: '#' } },
            ],
          },
        },
      };
    };
  };

  test('is asked for again', async () => {
    leaveOut(2);
    expect(await get(1, 2)).toMatchObject([numbered(1), numbered(2)]);
    expect(front.operations).toHaveLength(3);
    expect(front.bodies.at(-1)).toMatchObject({ RequestItems: { [name]: { ConsistentRead: true } } });
  });

  test('again and again is a Fault, never taken to be absent', async () => {
    leaveOut(100);
    await faulty(get(1, 2));
  });
});

describe('a store that', () => {
  test('does not answer is a Fault within the time of one call', async () => {
    front.mode = 'hang';
    const before = performance.now();
    await Promise.all([faulty(get(1)), faulty(get(2, 3)), faulty(table.query('list'))]);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test.each(['fail', 'throttle'] as const)(
    'answers with an error (%s) is a Fault after two attempts',
    async (mode) => {
      front.mode = mode;
      await faulty(get(1));
      expect(front.operations).toHaveLength(2);
    },
  );

  test('refuses every request is asked no more after five', async () => {
    front.mode = 'fail';
    for (let time = 0; time < 5; time += 1) await faulty(get(1));
    front.operations.length = 0;
    await faulty(get(1));
    await faulty(table.query('list'));
    expect(front.operations).toEqual([]);
    expect(table.reads()).toBe(5);
  });

  test('has no such table is a Fault', async () => {
    const nowhere = identityTable(front.client, 'nowhere', breaker('store', 'DynamoDB', testClock()));
    await faulty(nowhere.get(item(1)));
  });
});
