import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyItem, everyKey, openAdapter, orphans, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
let requests: { operation: string; items: number }[];
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  requests = [];
  const observe = (request: { operation: string; items: number }) => requests.push(request);
  adapter = openAdapter({ client: engine.client, tableName, clock: () => NOW, observe });
});

const user = (id: string): Promise<Row | null> => adapter.findOne({ model: 'user', where: where('id', id) });
const createUser = (fields = {}): Promise<Row> => adapter.create({ model: 'user', data: rows.user(fields) });
const createTeam = async (memberCount: number): Promise<Row> => {
  const organization: Row = await adapter.create({ model: 'organization', data: rows.organization() });
  const data = { name: 'T', memberCount, createdAt: new Date(NOW), organizationId: organization.id };
  return adapter.create({ model: 'team', data });
};

describe('a transaction', () => {
  test('is one TransactWriteItems, and nothing is written before it', async () => {
    await adapter.transaction(async (trx) => {
      const { id }: Row = await trx.create({ model: 'user', data: rows.user() });
      await trx.create({ model: 'session', data: rows.session(id) });
      await trx.update({ model: 'user', where: where('id', id), update: { name: 'Changed' } });
      expect(await everyItem(engine.client, tableName)).toEqual([]);
    });
    expect(requests.filter(({ operation }) => operation === 'TransactWriteItems')).toEqual([
      { operation: 'TransactWriteItems', items: 5 },
    ]);
    expect(await everyKey(engine.client, tableName)).toHaveLength(5);
  });

  test('sees its own writes in every kind of read, and others do not', async () => {
    const gone = await createUser({ email: 'gone@example.com' });
    await adapter.transaction(async (trx) => {
      const { id }: Row = await trx.create({ model: 'user', data: rows.user({ email: 'new@example.com' }) });
      await trx.create({ model: 'session', data: rows.session(id, { token: 'a' }) });
      await trx.create({ model: 'session', data: rows.session(id, { token: 'b' }) });
      await trx.delete({ model: 'session', where: where('token', 'a') });
      await trx.update({
        model: 'user',
        where: where('email', 'new@example.com'),
        update: { email: 'newer@example.com' },
      });
      await trx.delete({ model: 'user', where: where('id', gone.id) });
      expect(await trx.findOne({ model: 'user', where: where('id', id) })).toMatchObject({
        email: 'newer@example.com',
      });
      expect(await trx.findOne({ model: 'user', where: where('email', 'newer@example.com') })).toMatchObject({
        id,
      });
      expect(await trx.findOne({ model: 'user', where: where('email', 'new@example.com') })).toBeNull();
      expect(await trx.findOne({ model: 'user', where: where('email', 'gone@example.com') })).toBeNull();
      expect(await trx.findMany({ model: 'session', where: where('userId', id) })).toMatchObject([
        { token: 'b' },
      ]);
      expect(await trx.count({ model: 'session', where: where('userId', id) })).toBe(1);
      expect(
        await trx.findMany({ model: 'user', where: [{ field: 'id', operator: 'in', value: [id, gone.id] }] }),
      ).toHaveLength(1);
      expect(await user(id)).toBeNull();
    });
    expect(await orphans(engine.client, tableName)).toEqual([]);
    expect(await everyKey(engine.client, tableName)).toHaveLength(5);
  });

  test('that throws leaves nothing, and its error comes out as it is', async () => {
    const failing = adapter.transaction(async (trx) => {
      await trx.create({ model: 'user', data: rows.user() });
      throw new RangeError('as thrown');
    });
    await expect(failing).rejects.toThrow(new RangeError('as thrown'));
    expect(await everyItem(engine.client, tableName)).toEqual([]);
  });

  test('learns of a taken value when it creates, not only at the commit', async () => {
    await createUser({ email: 'taken@example.com' });
    await adapter.transaction(async (trx) => {
      await expect(
        trx.create({ model: 'user', data: rows.user({ email: 'taken@example.com' }) }),
      ).rejects.toMatchObject({ statusCode: 422 });
      await trx.create({ model: 'user', data: rows.user({ email: 'mine@example.com' }) });
      await expect(
        trx.create({ model: 'user', data: rows.user({ email: 'mine@example.com' }) }),
      ).rejects.toMatchObject({ statusCode: 422 });
    });
    expect(
      await adapter.findOne({ model: 'user', where: where('email', 'mine@example.com') }),
    ).not.toBeNull();
  });

  test('loses to a value that was taken between create and commit, with a 422', async () => {
    const losing = adapter.transaction(async (trx) => {
      await trx.create({ model: 'user', data: rows.user({ email: 'race@example.com' }) });
      await createUser({ email: 'race@example.com' });
    });
    await expect(losing).rejects.toMatchObject({
      statusCode: 422,
      message: 'A user with this email already exists',
    });
    expect(await everyKey(engine.client, tableName)).toHaveLength(2);
  });

  test('loses with a 409 when what it was decided on has changed', async () => {
    const { id } = await createUser({ name: 'Before' });
    const guarded = [...where('id', id), ...where('name', 'Before')];
    const losing = adapter.transaction(async (trx) => {
      expect(await trx.update({ model: 'user', where: guarded, update: { image: 'i' } })).not.toBeNull();
      await adapter.update({ model: 'user', where: where('id', id), update: { name: 'After' } });
    });
    await expect(losing).rejects.toMatchObject({ statusCode: 409, body: { code: 'CONCURRENT_CHANGE' } });
    expect(await user(id)).toMatchObject({ name: 'After', image: null });
  });

  test('may pass a unique value from one row to another', async () => {
    const [first, second] = [
      await createUser({ email: 'one@example.com' }),
      await createUser({ email: 'two@example.com' }),
    ];
    await adapter.transaction(async (trx) => {
      await trx.update({
        model: 'user',
        where: where('id', first.id),
        update: { email: 'three@example.com' },
      });
      await trx.update({
        model: 'user',
        where: where('id', second.id),
        update: { email: 'one@example.com' },
      });
      await trx.update({ model: 'user', where: where('id', first.id), update: { email: 'two@example.com' } });
    });
    expect(await adapter.findOne({ model: 'user', where: where('email', 'one@example.com') })).toMatchObject({
      id: second.id,
    });
    expect(await adapter.findOne({ model: 'user', where: where('email', 'two@example.com') })).toMatchObject({
      id: first.id,
    });
    expect(await everyKey(engine.client, tableName)).toHaveLength(4);
  });

  test('counts with guarded increments: of 40 who join 10 seats at once exactly 10 get one, nobody a conflict', async () => {
    const team = await createTeam(0);
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, () =>
        adapter.transaction(async (trx) =>
          trx.incrementOne({
            model: 'team',
            where: [...where('id', team.id), { field: 'memberCount', operator: 'lt', value: 10 }],
            increment: { memberCount: 1 },
          }),
        ),
      ),
    );
    const seats = results.filter((result) => result.status === 'fulfilled' && result.value !== null);
    expect(seats).toHaveLength(10);
    expect(await adapter.findOne({ model: 'team', where: where('id', team.id) })).toMatchObject({
      memberCount: 10,
    });
  });

  test('adds up several changes of one row and guards each', async () => {
    const team = await createTeam(5);
    const change = (trx: Pick<DBAdapter, 'incrementOne'>, delta: number, limit: number) =>
      trx.incrementOne<Row>({
        model: 'team',
        where: [...where('id', team.id), { field: 'memberCount', operator: 'lte', value: limit }],
        increment: { memberCount: delta },
      });
    await adapter.transaction(async (trx) => {
      expect(await change(trx, 3, 5)).toMatchObject({ memberCount: 8 });
      expect(await change(trx, 1, 7)).toBeNull();
      expect(await change(trx, -1, 8)).toMatchObject({ memberCount: 7 });
      await trx.update({ model: 'team', where: where('id', team.id), update: { name: 'Renamed' } });
    });
    expect(await adapter.findOne({ model: 'team', where: where('id', team.id) })).toMatchObject({
      memberCount: 7,
      name: 'Renamed',
    });
  });

  test('that creates and deletes the same row writes nothing of it', async () => {
    await adapter.transaction(async (trx) => {
      const { id }: Row = await trx.create({ model: 'user', data: rows.user() });
      await trx.delete({ model: 'user', where: where('id', id) });
    });
    expect(await everyItem(engine.client, tableName)).toEqual([]);
  });

  test('over 100 items is refused unless it only deletes, and says so', async () => {
    const { id } = await createUser();
    const large = adapter.transaction(async (trx) => {
      for (let index = 0; index < 40; index += 1)
        await trx.create({ model: 'session', data: rows.session(id) });
    });
    await expect(large).rejects.toThrow(
      'a transaction of 121 items: DynamoDB commits 100 at once, and only deletions may go in parts',
    );
    expect(await everyKey(engine.client, tableName)).toHaveLength(2);
  });
});
