import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { type TestCrm, act as actAt, execute as executeAt, freshToken, startCrm } from '../support/crm.ts';

let crm: TestCrm;
let acme: AuthContext;

beforeAll(async () => {
  crm = await startCrm();
});
afterAll(() => crm.stop());
beforeEach(() => {
  acme = freshToken();
});

const execute = (context: AuthContext, body: unknown) => executeAt(crm.actions, context, body);
const act = (context: AuthContext, action: string, input: object) =>
  actAt(crm.actions, context, action, input);

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
