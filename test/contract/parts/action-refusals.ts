import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Reply } from '../harness/http.ts';
import { mint, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function actionRefusalTests(world: () => World): void {
  let token: string;
  beforeAll(async () => {
    token = await mint(world(), world().alice);
    await mustBe(200, mutate('upsert', { id: 'scoped', data: {} }));
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

  test.each<[string, unknown]>([
    ['no action', { input: { entity: 'contact' } }],
    ['an unknown action', { action: 'find_all', input: { entity: 'contact' } }],
    ['no input', { action: 'find_many' }],
    ['no entity', { action: 'find_many', input: {} }],
    ['an entity in capitals', { action: 'find_many', input: { entity: 'Contact' } }],
    ['an entity with a #', { action: 'find_many', input: { entity: 'contact#' } }],
    ['an entity of 65 characters', { action: 'find_many', input: { entity: 'x'.repeat(65) } }],
    ['an entity that is a list', { action: 'find_many', input: { entity: ['contact'] } }],
    ['limit 0', { action: 'find_many', input: { entity: 'contact', limit: 0 } }],
    ['limit 101', { action: 'find_many', input: { entity: 'contact', limit: 101 } }],
    ['limit as text', { action: 'find_many', input: { entity: 'contact', limit: '5' } }],
    ['a cursor that is none', { action: 'find_many', input: { entity: 'contact', cursor: '../x' } }],
    [
      'a filter with an operator',
      { action: 'find_many', input: { entity: 'contact', filter: { age: { $gt: 1 } } } },
    ],
    ['a filter that is a list', { action: 'find_many', input: { entity: 'contact', filter: [] } }],
    ['find_one without id or filter', { action: 'find_one', input: { entity: 'contact' } }],
    ['no operation', { action: 'mutate', input: { entity: 'contact', id: 'x', data: {} } }],
    ['an unknown operation', { action: 'mutate', input: { entity: 'contact', operation: 'drop', id: 'x' } }],
    ['create without data', { action: 'mutate', input: { entity: 'contact', operation: 'create' } }],
    [
      'data that is a list',
      { action: 'mutate', input: { entity: 'contact', operation: 'create', data: [] } },
    ],
    [
      'data that sets the id',
      { action: 'mutate', input: { entity: 'contact', operation: 'create', data: { id: 'x' } } },
    ],
    ['update without id', { action: 'mutate', input: { entity: 'contact', operation: 'update', data: {} } }],
    ['delete without id', { action: 'mutate', input: { entity: 'contact', operation: 'delete' } }],
    [
      'an id with a slash',
      { action: 'mutate', input: { entity: 'contact', operation: 'delete', id: 'a/b' } },
    ],
    ['an organization', { action: 'find_many', input: { entity: 'contact', organizationId: 'x' } }],
    ['a list', []],
    ['text', 'find_many'],
  ])('%s is 400', async (_, json) => {
    expect(await execute(json)).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', message: expect.any(String) },
    });
  });

  describe('the record scope inside', () => {
    const outcome = async (scopes: readonly string[]): Promise<readonly number[]> => {
      const jwt = await mint(world(), world().alice, { scopes });
      const replies = [
        findMany({ entity: 'contact' }, jwt),
        findOne({ entity: 'contact', id: 'scoped' }, jwt),
        mutate('create', { data: {} }, jwt),
        mutate('update', { id: 'scoped', data: {} }, jwt),
        mutate('upsert', { id: 'scoped', data: {} }, jwt),
        findMany({ entity: 'deal' }, jwt),
      ];
      return (await Promise.all(replies)).map(({ status }) => status);
    };

    test.each([
      [
        ['actions:invoke', 'records:read'],
        [200, 200, 403, 403, 403, 200],
      ],
      [
        ['actions:invoke', 'records:read:contact'],
        [200, 200, 403, 403, 403, 403],
      ],
      [
        ['actions:invoke', 'records:write:contact'],
        [403, 403, 200, 200, 200, 403],
      ],
      [['actions:invoke'], [403, 403, 403, 403, 403, 403]],
      [['records:read'], [403, 403, 403, 403, 403, 403]],
    ])('of %j', async (scopes, expected) => {
      expect(await outcome(scopes)).toEqual(expected);
    });

    test('is asked for deletions too', async () => {
      const jwt = await mint(world(), world().alice, { scopes: ['actions:invoke', 'records:read'] });
      expect(await mutate('delete', { id: 'scoped' }, jwt)).toMatchObject({
        status: 403,
        body: { reason: 'scope_insufficient', scope: 'records:write:contact' },
      });
    });
  });
}
