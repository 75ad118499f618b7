import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import * as fc from 'fast-check';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { runs } from '../support/runs.ts';
import { NOW, everyItem } from './fixture.ts';
import type { Row } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
beforeAll(async () => {
  engine = await startTestEngine();
  tableName = await engine.createIdentityTable();
  adapter = dynamodbAdapter({ client: engine.client, tableName, clock: () => NOW })({
    plugins: [
      {
        id: 'everything',
        schema: {
          thing: {
            fields: {
              text: { type: 'string', required: false },
              number: { type: 'number', required: false },
              date: { type: 'date', required: false },
              flag: { type: 'boolean', required: false },
              json: { type: 'json', required: false },
              texts: { type: 'string[]', required: false },
              numbers: { type: 'number[]', required: false },
              name: { type: 'string', required: false, unique: true },
            },
          },
        },
      },
    ],
  });
});
afterAll(() => engine.stop());

// What DynamoDB's numbers can hold: magnitudes from 1e-130 to under 1e126, and zero without a sign.
const number = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e125, max: 1e125 })
  .map((value) => (Math.abs(value) < 1e-129 ? 0 : value));
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', ' ', '\u0000', 'null', '"', '#', '😀'),
);
const date = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const json = fc
  .jsonValue()
  .filter((value) => value !== null)
  .map((value) => JSON.parse(JSON.stringify(value)));

const thing = fc.record({
  text: fc.option(text),
  number: fc.option(fc.oneof(number, fc.maxSafeInteger())),
  date: fc.option(date),
  flag: fc.option(fc.boolean()),
  json: fc.option(fc.oneof(json.filter((value) => typeof value === 'object'))),
  texts: fc.option(fc.array(text, { maxLength: 4 })),
  numbers: fc.option(fc.array(fc.integer(), { maxLength: 4 })),
});

const read = (id: string): Promise<Row | null> =>
  adapter.findOne({ model: 'thing', where: [{ field: 'id', value: id }] });

describe('every value', () => {
  test('comes back exactly as it was created, and as it was updated', async () => {
    await fc.assert(
      fc.asyncProperty(thing, thing, async (created, updated) => {
        const { id }: Row = await adapter.create({ model: 'thing', data: created });
        expect(await read(id)).toEqual({ id, name: null, ...created });
        const answer = await adapter.update({
          model: 'thing',
          where: [{ field: 'id', value: id }],
          update: updated,
        });
        expect(answer).toEqual({ id, name: null, ...updated });
        expect(await read(id)).toEqual(answer);
      }),
      runs(100),
    );
  });

  test('is found by itself when it is unique, however long it is and whatever is in it', async () => {
    const long = fc.string({ unit: 'binary', minLength: 2000, maxLength: 3000 });
    const names = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, long, fc.constantFrom('sha256:', 'sha256:x')), async (name) => {
        const creation = adapter.create({ model: 'thing', data: { name } });
        if (names.has(name)) await expect(creation).rejects.toMatchObject({ statusCode: 422 });
        else expect(await creation).toMatchObject({ name });
        names.add(name);
        expect(
          await adapter.findOne({ model: 'thing', where: [{ field: 'name', value: name }] }),
        ).toMatchObject({ name });
      }),
      runs(100),
    );
  });

  test('that is null is no attribute at all', async () => {
    const { id }: Row = await adapter.create({ model: 'thing', data: { text: null, number: 1 } });
    await adapter.update({
      model: 'thing',
      where: [{ field: 'id', value: id }],
      update: { number: null, flag: false },
    });
    const item = (await everyItem(engine.client, tableName)).find(({ pk }) => pk === `thing#${id}`);
    expect(item).toEqual({ pk: `thing#${id}`, sk: '#', id, flag: false });
  });
});

describe('a row', () => {
  const large = 'x'.repeat(410 * 1024);
  test('over 400 KB is refused with a 413 that names its model, on create and on update', async () => {
    const refusal = {
      statusCode: 413,
      message: 'The thing would be larger than the 400 KB one row may have',
    };
    await expect(adapter.create({ model: 'thing', data: { text: large } })).rejects.toMatchObject(refusal);
    await expect(adapter.create({ model: 'thing', data: { text: large, name: 'n' } })).rejects.toMatchObject(
      refusal,
    );
    const { id }: Row = await adapter.create({ model: 'thing', data: {} });
    const update = adapter.update({
      model: 'thing',
      where: [{ field: 'id', value: id }],
      update: { text: large },
    });
    await expect(update).rejects.toMatchObject(refusal);
  });
});
