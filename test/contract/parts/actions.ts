import { beforeAll, describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import { mint, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function actionTests(world: () => World): void {
  let token: string;
  beforeAll(async () => {
    token = await mint(world(), world().alice);
  });
  const execute = (json: unknown, jwt = token): Promise<Reply> =>
    world().send('/api/actions/execute', {
      method: 'POST',
      headers: [['Authorization', `Bearer ${jwt}`]],
      json,
    });
  const mutate = (operation: string, input: object, jwt?: string): Promise<Reply> =>
    execute({ action: 'mutate', input: { entity: 'contact', operation, ...input } }, jwt);
  const findMany = (input: object, jwt?: string): Promise<Reply> =>
    execute({ action: 'find_many', input }, jwt);
  const findOne = (input: object, jwt?: string): Promise<Reply> =>
    execute({ action: 'find_one', input }, jwt);
  const result = (reply: Reply): unknown => member(reply.body, 'result');

  describe('mutate', () => {
    test('creates, updates, upserts and deletes one record, and answers {result} and nothing else', async () => {
      const created = await mustBe(
        200,
        mutate('create', { data: { name: 'Ada', age: 36, tags: ['x'], more: { a: null } } }),
      );
      const id = member(result(created), 'id');
      expect(created.body).toEqual({ result: { id, name: 'Ada', age: 36, tags: ['x'], more: { a: null } } });
      const updated = await mustBe(200, mutate('update', { id, data: { age: 37 } }));
      expect(updated.body).toMatchObject({ result: { id, name: 'Ada', age: 37 } });
      const upserted = await mustBe(200, mutate('upsert', { id, data: { city: 'London' } }));
      expect(upserted.body).toMatchObject({ result: { id, name: 'Ada', age: 37, city: 'London' } });
      expect((await mustBe(200, findOne({ entity: 'contact', id }))).body).toEqual(upserted.body);
      expect((await mustBe(200, mutate('delete', { id }))).body).toEqual({ result: { id } });
      expect((await mustBe(200, findOne({ entity: 'contact', id }))).body).toEqual({ result: null });
    });

    test('upsert makes what is not there, with the id that was given or one of its own', async () => {
      const given = await mustBe(200, mutate('upsert', { id: 'mine-1', data: { name: 'Grace' } }));
      expect(given.body).toEqual({ result: { id: 'mine-1', name: 'Grace' } });
      const own = await mustBe(200, mutate('upsert', { data: { name: 'Grace' } }));
      expect(member(result(own), 'id')).toEqual(expect.any(String));
    });

    test('update and delete of what is not there are 404, create of what is there 409', async () => {
      expect(await mutate('update', { id: 'nothing', data: {} })).toMatchObject({
        status: 404,
        body: { error: 'not_found' },
      });
      expect(await mutate('delete', { id: 'nothing' })).toMatchObject({
        status: 404,
        body: { error: 'not_found' },
      });
      await mustBe(200, mutate('create', { id: 'twice', data: {} }));
      expect(await mutate('create', { id: 'twice', data: { name: 'other' } })).toMatchObject({
        status: 409,
        body: { error: 'conflict' },
      });
    });

    test('of fields DynamoDB has words for, or with dots, changes exactly those', async () => {
      const data = {
        name: 'x',
        'a.b': 1,
        '#d': 2,
        ':v': 3,
        size: 4,
        'data.name': 5,
        pk: 'p',
        sk: 's',
        '': undefined,
      };
      const created = await mustBe(200, mutate('create', { id: 'words', data }));
      expect(created.body).toMatchObject({ result: { id: 'words', pk: 'p', sk: 's', 'a.b': 1 } });
      const updated = await mustBe(200, mutate('update', { id: 'words', data: { 'a.b': 9, size: 8 } }));
      expect(updated.body).toEqual({
        result: { ...JSON.parse(JSON.stringify(data)), id: 'words', 'a.b': 9, size: 8 },
      });
    });
  });

  describe('find_many', () => {
    beforeAll(async () => {
      for (let index = 0; index < 30; index += 1) {
        const data = { parity: index % 2 === 0 ? 'even' : 'odd', index, big: index >= 20 };
        await mustBe(
          200,
          execute({
            action: 'mutate',
            input: {
              entity: 'contact',
              operation: 'create',
              id: `n-${String(index).padStart(2, '0')}`,
              data,
            },
          }),
        );
      }
    });
    const ids = (reply: Reply): readonly unknown[] =>
      Object(member(result(reply), 'records')).map((record: unknown) => member(record, 'id'));
    const pages = async (input: object): Promise<readonly unknown[]> => {
      const found: unknown[] = [];
      for (let cursor: unknown; ;) {
        const reply = await mustBe(200, findMany({ ...input, ...(cursor === undefined ? {} : { cursor }) }));
        found.push(...ids(reply));
        cursor = member(result(reply), 'next');
        if (cursor === undefined) return found;
      }
    };

    test('filters by equality on all named fields, each by its type', async () => {
      const found = await pages({ entity: 'contact', filter: { parity: 'odd', big: true } });
      expect(found).toEqual(['n-21', 'n-23', 'n-25', 'n-27', 'n-29']);
      expect(await pages({ entity: 'contact', filter: { index: 7 } })).toEqual(['n-07']);
      for (const filter of [
        { index: '7' },
        { big: 'true' },
        { missing: 1 },
        { missing: null },
        { parity: 'ODD' },
      ]) {
        expect(await pages({ entity: 'contact', filter })).toEqual([]);
      }
      expect(await pages({ entity: 'contact', filter: { id: 'n-03' } })).toEqual(['n-03']);
    });

    test('pages: at most limit at a time, 25 unless asked, every record once, no next on the last', async () => {
      const first = await mustBe(200, findMany({ entity: 'contact' }));
      expect(ids(first)).toHaveLength(25);
      const all = await pages({ entity: 'contact', limit: 100 });
      expect(new Set(all).size).toBe(all.length);
      expect(await pages({ entity: 'contact', limit: 7 })).toEqual(all);
      expect(await pages({ entity: 'contact', limit: 1, filter: { parity: 'even' } })).toHaveLength(15);
    });

    test('of an entity that has no records is an empty page', async () => {
      expect((await mustBe(200, findMany({ entity: 'nothing_yet' }))).body).toEqual({
        result: { records: [] },
      });
    });
  });

  test('find_one takes an id or a filter, and answers the record or null', async () => {
    const found = await mustBe(200, findOne({ entity: 'contact', filter: { index: 11 } }));
    expect(found.body).toMatchObject({ result: { id: 'n-11', index: 11 } });
    expect((await mustBe(200, findOne({ entity: 'contact', filter: { index: 99 } }))).body).toEqual({
      result: null,
    });
    expect(
      (await mustBe(200, findOne({ entity: 'contact', id: 'n-01', filter: { index: 2 } }))).body,
    ).toEqual({ result: null });
  });
}
