import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { type TestCrm, act as actAt, freshToken, result, startCrm } from '../support/crm.ts';

let crm: TestCrm;
let acme: AuthContext;
let globex: AuthContext;

beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());
beforeEach(() => {
  acme = freshToken();
  globex = freshToken();
});

const act = (context: AuthContext, action: string, input: object) =>
  actAt(crm.actions, context, action, input);
const mutate = (context: AuthContext, operation: string, input: object) =>
  act(context, 'mutate', { operation, ...input });

describe('mutate', () => {
  test('create makes a record under an id of ours or the one asked for', async () => {
    expect(await result(mutate(acme, 'create', { data: { n: 1 } }))).toEqual({
      result: { n: 1, id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(await result(mutate(acme, 'create', { id: 'x', data: { n: 1 } }))).toEqual({
      result: { id: 'x', n: 1 },
    });
  });

  test('create of an id that is taken is 409, and leaves the record as it was', async () => {
    await result(mutate(acme, 'create', { id: 'x', data: { n: 1 } }));
    const { status, body } = await mutate(acme, 'create', { id: 'x', data: { n: 2 } });
    expect([status, body]).toEqual([409, expect.objectContaining({ error: 'conflict' })]);
    expect(await result(act(acme, 'find_one', { id: 'x' }))).toEqual({ result: { id: 'x', n: 1 } });
  });

  test('of 20 creates of one id at once exactly one succeeds', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, n) => mutate(acme, 'create', { id: 'x', data: { n } })),
    );
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array(19).fill(409),
    ]);
  });

  test('update sets the named fields and leaves the others', async () => {
    await result(mutate(acme, 'create', { id: 'x', data: { n: 1, name: 'Zoë' } }));
    const data = { n: null, 'a.b': [1], size: {} };
    expect(await result(mutate(acme, 'update', { id: 'x', data }))).toEqual({
      result: { id: 'x', name: 'Zoë', ...data },
    });
    expect(await result(mutate(acme, 'update', { id: 'x', data: {} }))).toEqual({
      result: { id: 'x', name: 'Zoë', ...data },
    });
  });

  test('updates of different fields at once all hold', async () => {
    await result(mutate(acme, 'create', { id: 'x', data: {} }));
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        result(mutate(acme, 'update', { id: 'x', data: { [`f${n}`]: n } })),
      ),
    );
    const every = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, n]));
    expect(await result(act(acme, 'find_one', { id: 'x' }))).toEqual({ result: { id: 'x', ...every } });
  });

  test('an update names as many fields as a record takes at a time', async () => {
    const data = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`${'n'.repeat(250)}${n}`, n]));
    await result(mutate(acme, 'create', { id: 'x', data: {} }));
    expect(await result(mutate(acme, 'update', { id: 'x', data }))).toEqual({ result: { id: 'x', ...data } });
  });

  test.each(['update', 'delete'])(
    '%s of a record that is not there is 404, and makes none',
    async (operation) => {
      const input = operation === 'update' ? { id: 'x', data: { n: 1 } } : { id: 'x' };
      const { status, body } = await mutate(acme, operation, input);
      expect([status, body]).toEqual([404, expect.objectContaining({ error: 'not_found' })]);
      expect(await result(act(acme, 'find_many', {}))).toEqual({ result: { records: [] } });
    },
  );

  test('update that would outgrow an item is 400, and leaves the record as it was', async () => {
    const text = 'x'.repeat(250_000);
    await result(mutate(acme, 'create', { id: 'x', data: { a: text } }));
    const { status, body } = await mutate(acme, 'update', { id: 'x', data: { b: text } });
    expect([status, body]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })]);
    expect(await result(act(acme, 'find_one', { id: 'x' }))).toEqual({ result: { id: 'x', a: text } });
  });

  test('delete removes the record and says which', async () => {
    await result(mutate(acme, 'create', { id: 'x', data: {} }));
    expect(await result(mutate(acme, 'delete', { id: 'x' }))).toEqual({ result: { id: 'x' } });
    expect(await result(act(acme, 'find_one', { id: 'x' }))).toEqual({ result: null });
  });

  test('upsert creates, then merges as an update does', async () => {
    expect(await result(mutate(acme, 'upsert', { id: 'x', data: { a: 1 } }))).toEqual({
      result: { id: 'x', a: 1 },
    });
    expect(await result(mutate(acme, 'upsert', { id: 'x', data: { b: 2 } }))).toEqual({
      result: { id: 'x', a: 1, b: 2 },
    });
    expect(await result(mutate(acme, 'upsert', { data: { c: 3 } }))).toEqual({
      result: { id: expect.any(String), c: 3 },
    });
  });

  test('of 20 upserts of one id at once none is lost', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        result(mutate(acme, 'upsert', { id: 'x', data: { [`f${n}`]: n } })),
      ),
    );
    const every = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, n]));
    expect(await result(act(acme, 'find_one', { id: 'x' }))).toEqual({ result: { id: 'x', ...every } });
  });
});

describe('another organization', () => {
  test('cannot find, change or delete a record whose id it guessed', async () => {
    await result(mutate(acme, 'create', { id: 'x', data: { n: 1 } }));
    expect(await result(act(globex, 'find_one', { id: 'x' }))).toEqual({ result: null });
    expect(await result(act(globex, 'find_many', { filter: { id: 'x' } }))).toEqual({
      result: { records: [] },
    });
    expect(await result(act(globex, 'find_many', { cursor: 'YQ' }))).toEqual({ result: { records: [] } });
    expect((await mutate(globex, 'update', { id: 'x', data: { n: 2 } })).status).toBe(404);
    expect((await mutate(globex, 'delete', { id: 'x' })).status).toBe(404);
    await result(mutate(globex, 'upsert', { id: 'x', data: { n: 3 } }));
    expect(await result(act(acme, 'find_one', { id: 'x' }))).toEqual({ result: { id: 'x', n: 1 } });
  });
});
