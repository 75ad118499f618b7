import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyItem, everyKey, later, openAdapter, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
let now: number;
let requests: string[];
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  now = NOW;
  requests = [];
  const observe = ({ operation }: { operation: string }) => requests.push(operation);
  adapter = openAdapter({ client: engine.client, tableName, clock: () => now, observe });
});

const ttls = async (prefix: string): Promise<unknown[]> =>
  (await everyItem(engine.client, tableName))
    .filter(({ pk }) => String(pk).startsWith(prefix))
    .map(({ ttl }) => ttl);
const seconds = (offset: number): number => Math.ceil((NOW + offset * 1000) / 1000);
const createSession = async (fields = {}): Promise<Row> => {
  const user: Row = await adapter.create({ model: 'user', data: rows.user() });
  return adapter.create({ model: 'session', data: rows.session(user.id, fields) });
};

describe('a row that expires', () => {
  test('carries its end in epoch seconds, and so do its pointers and edges', async () => {
    await createSession({ expiresAt: later(3600) });
    expect(await ttls('session')).toEqual([seconds(3600), seconds(3600), seconds(3600)]);
    expect(await ttls('user')).toEqual([undefined, undefined]);
  });

  test('when prolonged is prolonged with them: DynamoDB must not take the list entry of a session that lives', async () => {
    const { id, token } = await createSession({ expiresAt: later(60) });
    await adapter.update({
      model: 'session',
      where: where('token', String(token)),
      update: { expiresAt: later(7200) },
    });
    expect(await ttls('session')).toEqual([seconds(7200), seconds(7200), seconds(7200)]);
    now = NOW + 3_600_000;
    expect(await adapter.findOne({ model: 'session', where: where('id', id) })).not.toBeNull();
  });

  test('is not returned from its last moment on, by no way of asking, however late DynamoDB deletes it', async () => {
    const { id, token, userId } = await createSession({ expiresAt: later(60) });
    const ways = [where('id', id), where('token', String(token)), where('userId', String(userId))];
    now = NOW + 59_999;
    for (const way of ways) expect(await adapter.findMany({ model: 'session', where: way })).toHaveLength(1);
    now = NOW + 60_000;
    for (const way of ways) {
      expect(await adapter.findMany({ model: 'session', where: way })).toEqual([]);
      expect(await adapter.count({ model: 'session', where: way })).toBe(0);
      expect(
        await adapter.update({ model: 'session', where: way, update: { expiresAt: later(9999) } }),
      ).toBeNull();
      expect(
        await adapter.incrementOne({ model: 'session', where: way, increment: {}, set: { ipAddress: 'x' } }),
      ).toBeNull();
      expect(await adapter.consumeOne({ model: 'session', where: way })).toBeNull();
    }
  });

  test('can still be deleted', async () => {
    const { userId } = await createSession({ expiresAt: later(-60) });
    expect(await adapter.deleteMany({ model: 'session', where: where('userId', String(userId)) })).toBe(1);
    expect((await everyKey(engine.client, tableName)).filter((key) => key.startsWith('session'))).toEqual([]);
  });

  test('frees its key once it has expired, not before', async () => {
    const create = (value: string) =>
      adapter.create({
        model: 'verification',
        data: { id: 'reserved', ...rows.verification('jti', { value }) },
        forceAllowId: true,
      });
    await create('first');
    await expect(create('second')).rejects.toMatchObject({ statusCode: 422 });
    now = NOW + 700_000;
    await expect(create('third')).resolves.toMatchObject({ value: 'third' });
  });

  test('frees its unique values too, and deleting it later does not take them from the row that has them now', async () => {
    const create = (fields: object) =>
      adapter.create({
        model: 'apikey',
        data: { id: 'same', ...rows.apikey('u', fields) },
        forceAllowId: true,
      });
    await create({ key: 'old', expiresAt: later(60) });
    now = NOW + 40 * 24 * 3_600_000;
    await create({ key: 'new' });
    await adapter.delete({ model: 'apikey', where: where('key', 'old') });
    expect(await adapter.findOne({ model: 'apikey', where: where('id', 'same') })).toMatchObject({
      key: 'new',
    });
    expect(await adapter.findOne({ model: 'apikey', where: where('key', 'old') })).toBeNull();
  });

  test('that Better Auth itself judges is returned, and kept a while', async () => {
    const { id }: Row = await adapter.create({
      model: 'apikey',
      data: rows.apikey('u', { expiresAt: later(-60) }),
    });
    expect(await adapter.findOne({ model: 'apikey', where: where('id', id) })).toMatchObject({ id });
    expect(new Set(await ttls('apikey'))).toEqual(new Set([seconds(-60 + 30 * 24 * 3600)]));
  });

  test('loses its end with the field', async () => {
    const { id }: Row = await adapter.create({
      model: 'apikey',
      data: rows.apikey('u', { expiresAt: later(60) }),
    });
    await adapter.update({ model: 'apikey', where: where('id', id), update: { expiresAt: null } });
    expect(await ttls('apikey')).toEqual([undefined, undefined, undefined]);
  });

  test('as a rate limit moves its end with every request, in one write', async () => {
    await adapter.create({ model: 'rateLimit', data: { key: 'ip', count: 1, lastRequest: NOW } });
    requests.length = 0;
    const set = { lastRequest: NOW + 60_000 };
    await adapter.incrementOne({
      model: 'rateLimit',
      where: where('key', 'ip'),
      increment: { count: 1 },
      set,
    });
    expect(requests).toEqual(['UpdateItem']);
    expect(await ttls('rateLimit')).toEqual([seconds(60) + 24 * 3600]);
  });
});

describe('a sweep of what has expired', () => {
  test('answers 0 and asks nothing', async () => {
    await createSession({ expiresAt: later(-60) });
    requests.length = 0;
    const past = { operator: 'lt' as const, value: later(0) };
    expect(await adapter.deleteMany({ model: 'session', where: [{ field: 'expiresAt', ...past }] })).toBe(0);
    expect(
      await adapter.deleteMany({ model: 'verification', where: [{ field: 'expiresAt', ...past }] }),
    ).toBe(0);
    expect(requests).toEqual([]);
  });

  test('that would take what is still valid is refused', async () => {
    const ahead = [{ field: 'expiresAt', operator: 'lt' as const, value: later(60) }];
    await expect(adapter.deleteMany({ model: 'session', where: ahead })).rejects.toThrow(
      'would read the whole table',
    );
  });
});
