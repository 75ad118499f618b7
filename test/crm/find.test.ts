import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { type TestCrm, act as actAt, freshToken, result, startCrm } from '../support/crm.ts';

let crm: TestCrm;
let acme: AuthContext;

beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());
beforeEach(() => {
  acme = freshToken();
});

const act = (context: AuthContext, action: string, input: object) =>
  actAt(crm.actions, context, action, input);
const mutate = (context: AuthContext, operation: string, input: object) =>
  act(context, 'mutate', { operation, ...input });

describe('find_many', () => {
  beforeEach(async () => {
    const people = [
      { id: 'a', data: { city: 'Berlin', age: 30, lead: true } },
      { id: 'b', data: { city: 'Berlin', age: 41, lead: true, note: null } },
      { id: 'c', data: { city: 'Paris', age: 30 } },
      { id: 'd', data: { city: 'Berlin', age: '30', 'a.b': 1, size: 2 } },
    ];
    await Promise.all(people.map((person) => result(mutate(acme, 'create', person))));
  });

  test.each([
    ['nothing', {}, ['a', 'b', 'c', 'd']],
    ['text', { city: 'Berlin' }, ['a', 'b', 'd']],
    ['a number, which is not text of the same digits', { age: 30 }, ['a', 'c']],
    ['two fields at once', { city: 'Berlin', lead: true }, ['a', 'b']],
    ['null, which is not absence', { note: null }, ['b']],
    ['a name with a dot, or a word of DynamoDB', { 'a.b': 1, size: 2 }, ['d']],
    ['the id', { id: 'c' }, ['c']],
    ['the id and a field', { id: 'c', city: 'Berlin' }, []],
    ['an id that cannot be', { id: 7 }, []],
    ['what would be an expression', { 'city = :x OR a': '1' }, []],
  ])('filters by equality with %s', async (_, filter, ids) => {
    expect(await result(act(acme, 'find_many', { filter }))).toEqual({
      result: { records: ids.map((id) => expect.objectContaining({ id })) },
    });
  });

  test('has every match once over its pages', async () => {
    expect(await result(act(acme, 'find_many', { filter: { city: 'Berlin' }, limit: 2 }))).toEqual({
      result: {
        records: [expect.objectContaining({ id: 'a' }), expect.objectContaining({ id: 'b' })],
        next: 'Yg',
      },
    });
    expect(
      await result(act(acme, 'find_many', { filter: { city: 'Berlin' }, limit: 2, cursor: 'Yg' })),
    ).toEqual({ result: { records: [expect.objectContaining({ id: 'd' })] } });
  });
});

test('a filter that few records match finds them all, page by page, however many are between', async () => {
  const within = { organizationId: acme.organizationId, entity: 'contact' };
  const ids = Array.from({ length: 2300 }, (_, n) => `r${String(n).padStart(5, '0')}`);
  for (let start = 0; start < ids.length; start += 100) {
    await Promise.all(
      ids.slice(start, start + 100).map((id) => crm.store.create(within, id, { rare: id === 'r02250' })),
    );
  }
  const found: string[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const page = await crm.store.list(within, { filter: { rare: true }, ...(after ? { after } : {}) }, 5);
    found.push(...page.records.map(({ id }) => id));
    after = page.next;
    pages += 1;
  } while (after);
  expect([found, pages]).toEqual([['r02250'], 2]);
  expect(await result(act(acme, 'find_one', { filter: { rare: true } }))).toEqual({
    result: { id: 'r02250', rare: true },
  });
});

describe('find_one', () => {
  test('is the record of the id, the first match of a filter, or null', async () => {
    await result(mutate(acme, 'create', { id: 'b', data: { city: 'Berlin' } }));
    await result(mutate(acme, 'create', { id: 'a', data: { city: 'Berlin' } }));
    const a = { result: { id: 'a', city: 'Berlin' } };
    expect(await result(act(acme, 'find_one', { id: 'a' }))).toEqual(a);
    expect(await result(act(acme, 'find_one', { filter: { city: 'Berlin' } }))).toEqual(a);
    expect(await result(act(acme, 'find_one', { id: 'a', filter: { city: 'Rome' } }))).toEqual({
      result: null,
    });
    expect(await result(act(acme, 'find_one', { id: 'c' }))).toEqual({ result: null });
  });
});
