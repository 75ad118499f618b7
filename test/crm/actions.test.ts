import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { actionsEndpoint } from '../../lambda/crm/actions-endpoint.ts';
import type { HttpHandler } from '../../lambda/crm/answer.ts';
import { recordsStore, type RecordsStore } from '../../lambda/crm/records-store.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { call, callerContext, type Reply } from '../support/endpoint-call.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { createRecordsTable } from '../support/records-table.ts';

let engine: TestEngine;
let store: RecordsStore;
let endpoint: HttpHandler;
let acme: AuthContext;
let globex: AuthContext;

beforeAll(async () => {
  engine = await startTestEngine();
  const guard = breaker('store', 'DynamoDB', () => 0);
  store = recordsStore(engine.client, await createRecordsTable(engine.client), guard);
  endpoint = actionsEndpoint({
    store,
    trusted: compileOrigins(['https://crm.example.com']),
    log: (line) => {
      throw new Error(`unexpected ${JSON.stringify(line)}`);
    },
  });
});
afterAll(() => engine.stop());
beforeEach(() => {
  const token: Partial<AuthContext> = {
    credentialKind: 'extension_token',
    extensionId: 'com.example.mail',
    scopes: 'actions:invoke records:read records:write',
  };
  acme = callerContext({ ...token, organizationId: `acme-${randomUUID()}` });
  globex = callerContext({ ...token, organizationId: `globex-${randomUUID()}` });
});

const execute = (context: AuthContext, body: unknown): Promise<Reply> =>
  call(endpoint, { method: 'POST', route: '/api/actions/execute', body, context });
const act = (context: AuthContext, action: string, input: object): Promise<Reply> =>
  execute(context, { action, input: { entity: 'contact', ...input } });
const mutate = (context: AuthContext, operation: string, input: object): Promise<Reply> =>
  act(context, 'mutate', { operation, ...input });
const result = async (reply: Promise<Reply>): Promise<unknown> => {
  const { status, body } = await reply;
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
};

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
      ids.slice(start, start + 100).map((id) => store.create(within, id, { rare: id === 'r02250' })),
    );
  }
  const found: string[] = [];
  let after: string | undefined;
  let pages = 0;
  do {
    const page = await store.list(within, { filter: { rare: true }, ...(after ? { after } : {}) }, 5);
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

describe('the record scope of an action', () => {
  const operations = [
    ['find_many', { action: 'find_many', input: { entity: 'contact' } }, 'records:read:contact'],
    ['find_one', { action: 'find_one', input: { entity: 'contact', id: 'x' } }, 'records:read:contact'],
    ...['create', 'update', 'upsert', 'delete'].map((operation): [string, object, string] => [
      operation,
      {
        action: 'mutate',
        input: { entity: 'contact', operation, id: 'x', ...(operation === 'delete' ? {} : { data: {} }) },
      },
      'records:write:contact',
    ]),
  ] as const;

  test.each(operations)('is required for %s', async (_, body, scope) => {
    const other = scope === 'records:read:contact' ? 'records:write' : 'records:read';
    const refused = await execute({ ...acme, scopes: `actions:invoke ${other} records:read:deal` }, body);
    expect([refused.status, refused.body]).toEqual([
      403,
      {
        error: 'forbidden',
        reason: 'scope_insufficient',
        message: expect.any(String),
        scope,
        requestId: 'request-1',
      },
    ]);
    const { status } = await execute({ ...acme, scopes: `actions:invoke ${scope}` }, body);
    expect([200, 404]).toContain(status);
  });

  test('does not replace actions:invoke', async () => {
    const { body } = await execute({ ...acme, scopes: 'records:read' }, operations[0][1]);
    expect(body).toMatchObject({ error: 'forbidden', scope: 'actions:invoke' });
  });
});

test('only an extension token executes actions', async () => {
  const { status, body } = await act({ ...acme, credentialKind: 'session', scopes: '*' }, 'find_many', {});
  expect([status, body]).toEqual([403, expect.objectContaining({ reason: 'credential_kind_not_accepted' })]);
});

describe('an action is refused with 400', () => {
  const contact = { entity: 'contact' };
  test.each([
    ['without a body', undefined],
    ['that is no object', '[]'],
    ['without an action', { input: contact }],
    ['that is unknown', { action: 'drop_table', input: contact }],
    ['named like a member of every object', { action: 'constructor', input: contact }],
    ['without input', { action: 'find_many' }],
    ['with another member', { action: 'find_many', input: contact, organizationId: 'org' }],
    ['without an entity', { action: 'find_many', input: {} }],
    ['for an entity that is none', { action: 'find_many', input: { entity: 'contact#x' } }],
    ['with limit 0', { action: 'find_many', input: { ...contact, limit: 0 } }],
    ['with limit 101', { action: 'find_many', input: { ...contact, limit: 101 } }],
    ['with limit as text', { action: 'find_many', input: { ...contact, limit: '5' } }],
    ['with a cursor that is none', { action: 'find_many', input: { ...contact, cursor: '?' } }],
    ['with a filter that is a list', { action: 'find_many', input: { ...contact, filter: [] } }],
    ['with a filter on an object', { action: 'find_many', input: { ...contact, filter: { a: {} } } }],
    ['with a filter on no name', { action: 'find_many', input: { ...contact, filter: { '': 1 } } }],
    [
      'with a number no field can have',
      { action: 'find_many', input: { ...contact, filter: { a: 1e-200 } } },
    ],
    ['to find one of all', { action: 'find_one', input: contact }],
    ['without an operation', { action: 'mutate', input: contact }],
    ['with an unknown operation', { action: 'mutate', input: { ...contact, operation: 'replace' } }],
    ['to create without data', { action: 'mutate', input: { ...contact, operation: 'create' } }],
    ['to update without id', { action: 'mutate', input: { ...contact, operation: 'update', data: {} } }],
    ['to delete without id', { action: 'mutate', input: { ...contact, operation: 'delete' } }],
    [
      'to delete what a filter matches',
      { action: 'mutate', input: { ...contact, operation: 'delete', id: 'x', filter: { n: 1 } } },
    ],
    [
      'with an id that is none',
      { action: 'mutate', input: { ...contact, operation: 'delete', id: 'x/../y' } },
    ],
    [
      'with an id in the data',
      { action: 'mutate', input: { ...contact, operation: 'update', id: 'x', data: { id: 'y' } } },
    ],
  ])('%s', async (_, body) => {
    const refused = await execute(acme, body);
    expect([refused.status, refused.body]).toEqual([
      400,
      { error: 'invalid_request', message: expect.stringMatching(/\.$/), requestId: 'request-1' },
    ]);
  });

  test('in words that quote nothing of it', async () => {
    const marker = 'q7x-marker';
    const bodies = [
      { action: marker, input: contact },
      { action: 'find_many', input: { ...contact, [marker]: 1 } },
      { action: 'find_many', input: { entity: `#${marker}` } },
      { action: 'mutate', input: { ...contact, operation: marker } },
      { action: 'mutate', input: { ...contact, operation: 'delete', id: `${marker}/` } },
    ];
    for (const body of bodies) expect(JSON.stringify(await execute(acme, body))).not.toContain(marker);
  });
});
