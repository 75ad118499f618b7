import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyItem, everyKey, openAdapter, orphans, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  adapter = openAdapter({ client: engine.client, tableName, clock: () => NOW });
});

const createUser = (fields: object): Promise<Row> =>
  adapter.create({ model: 'user', data: rows.user(fields) });
const findUser = (field: string, value: string): Promise<Row | null> =>
  adapter.findOne({ model: 'user', where: where(field, value) });
const inParallel = <T>(
  count: number,
  work: (index: number) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: count }, (_, index) => work(index)));
const succeeded = (results: PromiseSettledResult<unknown>[]): number =>
  results.filter(({ status }) => status === 'fulfilled').length;
const refusals = (results: PromiseSettledResult<unknown>[]): unknown[] =>
  results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));

describe('a unique value', () => {
  test('goes to exactly one of 50 users created with it at once, and the others leave nothing behind', async () => {
    const results = await inParallel(50, () => createUser({ email: 'same@example.com' }));
    expect(succeeded(results)).toBe(1);
    for (const error of refusals(results))
      expect(error).toMatchObject({ statusCode: 422, body: { code: 'ALREADY_EXISTS' } });
    expect(await everyKey(engine.client, tableName)).toHaveLength(2);
    expect(await orphans(engine.client, tableName)).toEqual([]);
  });

  test('(control: looking first and writing then, as without a pointer item, lets several in)', async () => {
    const look = async (): Promise<number> => {
      const found = await engine.client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': 'control#same@example.com' }),
          ConsistentRead: true,
        }),
      );
      return found.Count ?? 0;
    };
    // All have looked before the first writes, as happens to those who come at the same moment.
    const looks = await Promise.all(Array.from({ length: 50 }, look));
    const results = await inParallel(50, async (index) => {
      if ((looks[index] ?? 0) > 0) throw new Error('taken');
      const Item = marshall({ pk: 'control#same@example.com', sk: String(index) });
      await engine.client.send(new PutItemCommand({ TableName: tableName, Item }));
    });
    expect(succeeded(results)).toBeGreaterThan(1);
  });

  test('goes to exactly one of 50 organizations with one slug', async () => {
    const results = await inParallel(50, () =>
      adapter.create({ model: 'organization', data: rows.organization({ slug: 'acme' }) }),
    );
    expect(succeeded(results)).toBe(1);
    expect(await everyKey(engine.client, tableName)).toHaveLength(2);
  });

  test('admits one membership of a user in an organization', async () => {
    const user = await createUser({});
    const organization: Row = await adapter.create({ model: 'organization', data: rows.organization() });
    const results = await inParallel(20, () =>
      adapter.create({ model: 'member', data: rows.member(user.id, organization.id) }),
    );
    expect(succeeded(results)).toBe(1);
    expect(await adapter.count({ model: 'member', where: where('organizationId', organization.id) })).toBe(1);
  });

  test('goes to exactly one of 20 users who change to it at once; the others keep theirs', async () => {
    const users = await Promise.all(
      Array.from({ length: 20 }, (_, index) => createUser({ email: `old-${index}@example.com` })),
    );
    const results = await inParallel(20, (index) =>
      adapter.update({
        model: 'user',
        where: where('id', users[index]?.id ?? ''),
        update: { email: 'new@example.com' },
      }),
    );
    expect(succeeded(results)).toBe(1);
    const kept = await Promise.all(users.map((_, index) => findUser('email', `old-${index}@example.com`)));
    expect(kept.filter((user) => user !== null)).toHaveLength(19);
    expect(await orphans(engine.client, tableName)).toEqual([]);
    expect(await everyKey(engine.client, tableName)).toHaveLength(40);
  });

  test('that was given back can be taken, and finds its new owner', async () => {
    const first = await createUser({ email: 'a@example.com' });
    // Where this led is remembered, and soon wrong.
    expect(await findUser('email', 'a@example.com')).toMatchObject({ id: first.id });
    await adapter.update({ model: 'user', where: where('id', first.id), update: { email: 'b@example.com' } });
    const second = await createUser({ email: 'a@example.com' });
    expect(await findUser('email', 'a@example.com')).toMatchObject({ id: second.id });
    await expect(
      adapter.update({ model: 'user', where: where('id', first.id), update: { email: 'a@example.com' } }),
    ).rejects.toMatchObject({ statusCode: 422 });
    await adapter.delete({ model: 'user', where: where('id', second.id) });
    await adapter.update({ model: 'user', where: where('id', first.id), update: { email: 'a@example.com' } });
    expect(await findUser('email', 'a@example.com')).toMatchObject({ id: first.id });
    expect(await everyKey(engine.client, tableName)).toHaveLength(2);
  });

  test('is not given away by two changes that meet: the pointers always name the row that has the value', async () => {
    const user = await createUser({ email: 'x@example.com' });
    await inParallel(20, (index) =>
      adapter.update({
        model: 'user',
        where: where('id', user.id),
        update: { email: `x-${index}@example.com` },
      }),
    );
    const now = await findUser('id', user.id);
    expect(await everyKey(engine.client, tableName)).toEqual([
      `user#${user.id} | #`,
      `user.email#${String(now?.['email'])} | #`,
    ]);
  });

  test('goes with its row, also when the row is deleted while the value changes', async () => {
    const { id } = await createUser({ email: 'x@example.com' });
    const client = engine.newClient();
    let writes = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        // Between what the deletion read and what it writes.
        const first = context['commandName'] === 'TransactWriteItemsCommand' && (writes += 1) === 1;
        if (first)
          await adapter.update({ model: 'user', where: where('id', id), update: { email: 'y@example.com' } });
        return next(args);
      },
      { step: 'initialize' },
    );
    await openAdapter({ client, tableName, clock: () => NOW }).delete({
      model: 'user',
      where: where('id', id),
    });
    expect(writes).toBeGreaterThan(1);
    expect(await everyKey(engine.client, tableName)).toEqual([]);
  });

  test('holds for a row whose id is given: the second is refused, whatever else it has', async () => {
    await adapter.create({ model: 'user', data: { ...rows.user(), id: 'fixed' }, forceAllowId: true });
    await expect(
      adapter.create({ model: 'user', data: { ...rows.user(), id: 'fixed' }, forceAllowId: true }),
    ).rejects.toMatchObject({ statusCode: 422, message: 'A user with this id already exists' });
  });

  test('that is the key of its row moves the row with all that hangs on it, and what it was is free', async () => {
    const first: Row = await adapter.create({ model: 'apikey', data: rows.apikey('owner', { key: 'old' }) });
    const second: Row = await adapter.create({
      model: 'apikey',
      data: rows.apikey('owner', { key: 'other', expiresAt: new Date(NOW + 60_000) }),
    });
    const change = (id: string, update: object) =>
      adapter.update({ model: 'apikey', where: where('id', id), update });
    await expect(change(first.id, { key: 'other' })).rejects.toMatchObject({ statusCode: 422 });
    expect(await change(first.id, { key: 'new' })).toMatchObject({ id: first.id, key: 'new' });
    expect(await change(second.id, { key: 'old', expiresAt: null })).toMatchObject({ key: 'old' });
    for (const clause of [where('key', 'new'), where('id', first.id)])
      expect(await adapter.findMany({ model: 'apikey', where: clause })).toMatchObject([{ id: first.id }]);
    expect(await adapter.count({ model: 'apikey', where: where('referenceId', 'owner') })).toBe(2);
    expect(await orphans(engine.client, tableName)).toEqual([]);
    expect((await everyItem(engine.client, tableName)).filter(({ ttl }) => ttl !== undefined)).toEqual([]);
    expect(await everyKey(engine.client, tableName)).toHaveLength(6);
  });

  test('may be absent in any number of rows', async () => {
    const organization: Row = await adapter.create({ model: 'organization', data: rows.organization() });
    const data = { name: 'T', memberCount: 0, createdAt: new Date(NOW), organizationId: organization.id };
    const team: Row = await adapter.create({ model: 'team', data });
    for (const email of ['n1@example.com', 'n2@example.com']) {
      const user = await createUser({ email });
      await adapter.create({ model: 'teamMember', data: { teamId: team.id, userId: user.id } });
    }
    expect(await adapter.count({ model: 'teamMember', where: where('teamId', team.id) })).toBe(2);
  });
});
