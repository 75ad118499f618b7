import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, openAdapter, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

const SESSIONS = 350;
let engine: TestEngine;
let adapter: DBAdapter;
let userId: string;
let tokens: string[];
const requests: string[] = [];

beforeAll(async () => {
  engine = await startTestEngine();
  const tableName = await engine.createIdentityTable();
  const observe = ({ operation }: { operation: string }) => requests.push(operation);
  adapter = openAdapter({ client: engine.client, tableName, clock: () => NOW, observe });
  userId = (await adapter.create<Record<string, unknown>, Row>({ model: 'user', data: rows.user() })).id;
  // More than 1 MB in rows: every page of DynamoDB's is used.
  tokens = Array.from({ length: SESSIONS }, (_, index) => `token-${String(index).padStart(3, '0')}`);
  const create = (token: string) =>
    adapter.create({ model: 'session', data: rows.session(userId, { token, userAgent: 'u'.repeat(4000) }) });
  await Promise.all(tokens.map(create));
}, 60_000);
afterAll(() => engine.stop());

const find = (more: object): Promise<Row[]> =>
  adapter.findMany({ model: 'session', where: where('userId', userId), limit: 1000, ...more });
const tokensOf = (found: Row[]): unknown[] => found.map(({ token }) => token);

describe('a list over many pages', () => {
  test('is complete', async () => {
    expect(new Set(tokensOf(await find({})))).toEqual(new Set(tokens));
    expect(await adapter.count({ model: 'session', where: where('userId', userId) })).toBe(SESSIONS);
  });

  test('is sorted over all pages, then cut', async () => {
    const sortBy = { field: 'token', direction: 'desc' as const };
    const expected = tokens.toReversed();
    expect(tokensOf(await find({ sortBy }))).toEqual(expected);
    expect(tokensOf(await find({ sortBy, limit: 20, offset: 210 }))).toEqual(expected.slice(210, 230));
    expect(tokensOf(await find({ sortBy, limit: 20, offset: 340 }))).toEqual(expected.slice(340));
  });

  test('unsorted, is the same pages one after the other as at once, none twice', async () => {
    const parts = [];
    for (let offset = 0; offset < SESSIONS; offset += 60) parts.push(...(await find({ limit: 60, offset })));
    expect(tokensOf(parts)).toEqual(tokensOf(await find({})));
  });

  test('is not read to its end when few rows are wanted', async () => {
    requests.length = 0;
    expect(await find({ limit: 10 })).toHaveLength(10);
    expect(requests).toEqual(['Query', 'BatchGetItem']);
  });

  test('finds by more than 100 values at once', async () => {
    const found = await adapter.findMany<Row>({
      model: 'session',
      where: [{ field: 'token', operator: 'in', value: [...tokens, ...tokens, 'none'] }],
      limit: 1000,
    });
    expect(tokensOf(found)).toEqual(tokens);
    const others = [
      ...where('userId', userId),
      { field: 'token', operator: 'not_in' as const, value: tokens.slice(7) },
    ];
    expect(await adapter.count({ model: 'session', where: others })).toBe(7);
  });

  test('is complete when its rows are more than DynamoDB answers at once, which is 16 MB', async () => {
    const value = 'v'.repeat(300 * 1024);
    for (let index = 0; index < 60; index += 1) {
      await adapter.create({ model: 'verification', data: rows.verification('large', { value }) });
    }
    requests.length = 0;
    expect(await adapter.count({ model: 'verification', where: where('identifier', 'large') })).toBe(60);
    expect(requests).toEqual(['Query', 'BatchGetItem', 'BatchGetItem']);
  });

  test('has a row once to which two alternatives lead', async () => {
    const organization: Row = await adapter.create({ model: 'organization', data: rows.organization() });
    await adapter.create({
      model: 'invitation',
      data: {
        organizationId: organization.id,
        inviterId: userId,
        email: 'guest@example.com',
        status: 'pending',
        expiresAt: new Date(NOW),
        createdAt: new Date(NOW),
      },
    });
    const either = [...where('organizationId', organization.id), ...where('inviterId', userId)];
    const alternatives = either.map(({ field, value }) => ({ field, value, connector: 'OR' as const }));
    expect(await adapter.count({ model: 'invitation', where: alternatives })).toBe(1);
  });

  test('is changed by more than 100 values at once', async () => {
    const some = [
      ...where('userId', userId),
      { field: 'token', operator: 'in' as const, value: tokens.slice(0, 200) },
    ];
    expect(await adapter.updateMany({ model: 'session', where: some, update: { ipAddress: 'a' } })).toBe(200);
    expect(
      await adapter.count({
        model: 'session',
        where: [...where('userId', userId), ...where('ipAddress', 'a')],
      }),
    ).toBe(200);
  });
});
