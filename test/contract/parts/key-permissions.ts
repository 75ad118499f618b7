import { describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import { keyRow, setOnRow } from '../harness/rows.ts';
import { createKey } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function keyPermissionTests(world: () => World): void {
  const whoami = (key: string): Promise<Reply> =>
    world().send('/v1/whoami', { headers: [['x-api-key', key]] });

  describe('the permissions of a key', () => {
    const calls = [
      ['GET', '/v1/records/contact'],
      ['POST', '/v1/records/contact'],
      ['GET', '/v1/records/deal'],
      ['POST', '/v1/records/deal'],
    ] as const;
    const opened = async (owner: 'alice' | 'bob', permissions: unknown): Promise<readonly number[]> => {
      const { key } = await createKey(world()[owner]);
      await setOnRow(world().stack, keyRow(key), 'permissions', JSON.stringify(permissions));
      const headers = [['x-api-key', key]] as const;
      const replies = calls.map(([method, path]) =>
        world().send(path, { method, headers, ...(method === 'POST' && { json: {} }) }),
      );
      return (await Promise.all(replies)).map(({ status }) => status);
    };

    test.each([
      [{ records: ['read:contact'] }, [200, 403, 403, 403]],
      [{ records: ['read'] }, [200, 403, 200, 403]],
      [{ records: ['write:deal', 'read:contact'] }, [200, 403, 403, 201]],
      [{ records: ['read', 'write'] }, [200, 201, 200, 201]],
      [{}, [403, 403, 403, 403]],
      [{ records: [] }, [403, 403, 403, 403]],
      [{ '*': ['*'], records: ['*'] }, [403, 403, 403, 403]],
      [{ records: ['read:contact:1', 'Read', 'read:*', ''] }, [403, 403, 403, 403]],
      [{ extensions: ['manage'] }, [403, 403, 403, 403]],
    ])(
      '%j open what they name and nothing else, for an owner and for a member',
      async (permissions, expected) => {
        expect(await opened('alice', permissions)).toEqual(expected);
        expect(await opened('bob', permissions)).toEqual(expected);
      },
    );

    test('are cut to the owner’s role, and shown as scopes', async () => {
      const { key } = await createKey(world().bob);
      const permissions = { records: ['read:contact'], extensions: ['manage', 'use'] };
      await setOnRow(world().stack, keyRow(key), 'permissions', JSON.stringify(permissions));
      const { body } = await whoami(key);
      expect(String(member(body, 'scopes')).split(' ').toSorted()).toEqual([
        'extensions:use',
        'records:read:contact',
      ]);
    });

    test('that cannot be read are a fault, not a refusal: the caller is not what is wrong', async () => {
      const { key } = await createKey(world().bob);
      await setOnRow(world().stack, keyRow(key), 'permissions', 'not JSON');
      expect(await whoami(key)).toMatchObject({ status: 503, body: { error: 'unavailable' } });
    });
  });
}
