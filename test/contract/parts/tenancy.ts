import { describe, expect, test } from '@jest/globals';
import { textOf } from '../harness/http.ts';
import type { Fields, Reply, Sent } from '../harness/http.ts';
import { installation, mint, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function tenancyTests(world: () => World): void {
  type Name = 'alice' | 'bob' | 'mallory';
  const by = (name: Name, path: string, sent: Sent = {}): Promise<Reply> =>
    world().send(`/v1/records/${path}`, {
      ...sent,
      headers: [['x-api-key', world().keys[name].key], ...(sent.headers ?? [])],
    });
  const post = (path: string, json: unknown, headers: Fields = []) =>
    by('alice', path, { method: 'POST', json, headers });

  describe('an entity', () => {
    test.each(['a', 'contact', 'a_b-c9', 'x'.repeat(64)])('may be %s', async (entity) => {
      expect((await by('alice', entity)).status).toBe(200);
    });

    test.each([
      'Contact',
      '1x',
      '_x',
      '-x',
      'x'.repeat(65),
      'a.b',
      'a~b',
      'ünder',
      'a%20b',
      '%63ontact',
      'a,b',
      'a:b',
      'a*',
      '*',
      '$x',
    ])('may not be %s, whoever asks', async (entity) => {
      const path = encodeURI(entity).replaceAll('%25', '%');
      for (const name of ['alice', 'bob'] as const) {
        const reply = await by(name, path);
        expect([403, 404]).toContain(reply.status);
        if (reply.status === 403) expect(reply.body).toMatchObject({ reason: 'route_unlisted' });
      }
    });
  });

  describe('records belong to one organization', () => {
    test('and to nobody outside it, whatever the request says', async () => {
      const secret = await mustBe(201, post('secret', { text: 'of Acme' }));
      const id = textOf(secret, 'id');
      const { acme, globex, extension, alice, mallory } = world();
      const forged: Fields = [
        ['x-organization-id', acme.id],
        ['x-tenant', acme.id],
      ];
      expect(
        (await by('mallory', `secret?organizationId=${acme.id}&x-tenant-id=${acme.id}`, { headers: forged }))
          .body,
      ).toEqual({ records: [] });
      expect((await by('mallory', 'secret', { headers: [['x-tenant-id', acme.id]] })).status).toBe(403);
      expect((await by('alice', 'secret', { headers: [['x-tenant-id', globex.slug]] })).body).toEqual({
        records: [],
      });
      expect((await by('bob', 'secret')).body).toEqual({ records: [secret.body] });

      await mustBe(
        200,
        mallory.ask(`/v1/extensions/${extension}/installation`, {
          method: 'PUT',
          json: { ...installation, scopes: ['actions:invoke', 'records:read', 'records:write'] },
        }),
      );
      const headers: Fields = [['Authorization', `Bearer ${await mint(world(), mallory)}`]];
      const act = (json: unknown) => world().send('/api/actions/execute', { method: 'POST', headers, json });
      expect((await act({ action: 'find_one', input: { entity: 'secret', id } })).body).toEqual({
        result: null,
      });
      const input = { entity: 'secret', operation: 'update', id, data: { text: 'stolen' } };
      expect((await act({ action: 'mutate', input })).status).toBe(404);
      expect(
        (await act({ action: 'mutate', input: { entity: 'secret', operation: 'delete', id } })).status,
      ).toBe(404);
      await mustBe(200, act({ action: 'mutate', input: { ...input, operation: 'upsert' } }));
      expect((await by('alice', 'secret')).body).toEqual({ records: [secret.body] });
      expect((await alice.ask('/v1/records/secret')).body).toEqual({ records: [secret.body] });
    });
  });
}
