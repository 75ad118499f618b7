import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { signUp, testIdentity, textOf, type Browser, type Reply } from '../support/identity.ts';
import { runs } from '../support/runs.ts';

let engine: TestEngine;
let browse: Browser;
beforeAll(async () => {
  engine = await startTestEngine();
  browse = (await testIdentity(engine)).browser();
  await signUp(browse, 'somebody@example.com');
  const organizationId = textOf(await browse('/organization/create', { name: 'Acme', slug: 'acme' }), 'id');
  await browse('/organization/set-active', { organizationId });
  for (const name of ['b', 'a']) await browse('/api-key/create', { name });
});
afterAll(() => engine.stop());

type Query = readonly (readonly [name: string, value: string])[];
const list = (path: string, query: Query): Promise<Reply> =>
  browse(
    `${path}?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()}`,
  );
const lists = ['/api-key/list', '/organization/list-members'];
const members = '/organization/list-members';

describe('a list sorted or filtered by a field the client names', () => {
  test('is sorted and filtered, when there is such a field', async () => {
    expect((await list('/api-key/list', [['sortBy', 'name']])).body).toMatchObject({
      apiKeys: [{ name: 'a' }, { name: 'b' }],
    });
    expect((await list('/api-key/list', [['sortBy', 'id']])).status).toBe(200);
    const owners: Query = [
      ['filterField', 'role'],
      ['filterValue', 'owner'],
    ];
    expect((await list(members, owners)).body).toMatchObject({ total: 1 });
  });

  test.each(lists)('%s: is refused with 400 when there is none', async (path) => {
    for (const name of ['nothing', '__proto__', 'constructor', 'pk', '_id', 'Name']) {
      expect([name, (await list(path, [['sortBy', name]])).status]).toEqual([name, 400]);
    }
  });

  test('is refused with 400 when there is none to filter by, or one value for an operator that takes several', async () => {
    const filter = (field: string, operator: string): Query => [
      ['filterField', field],
      ['filterValue', 'owner'],
      ['filterOperator', operator],
    ];
    expect((await list(members, filter('nothing', 'eq'))).status).toBe(400);
    expect((await list(members, filter('role', 'in'))).status).toBe(400);
    expect((await list(members, filter('role', 'not_in'))).status).toBe(400);
  });

  test('is no fault, whatever the query is', async () => {
    const name = fc.constantFrom(
      'sortBy',
      'sortDirection',
      'filterField',
      'filterValue',
      'filterOperator',
      'limit',
      'offset',
    );
    const value = fc.oneof(
      fc.constantFrom('role', 'createdAt', 'id', 'userId', 'enabled', 'desc', '10', '-1', '1e9', 'NaN', ''),
      fc.constantFrom('eq', 'ne', 'in', 'not_in', 'lt', 'gte', 'contains', 'starts_with', 'ends_with'),
      fc.string({ maxLength: 20 }),
    );
    const query = fc.array(fc.tuple(name, value), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lists), query, async (path, pairs) => {
        expect((await list(path, pairs)).status).toBeLessThan(500);
      }),
      runs(300),
    );
  });
});
