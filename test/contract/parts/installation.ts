import { describe, expect, test } from '@jest/globals';
import { member, textOf } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import type { Person } from '../harness/person.ts';
import { factsTtl, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

const body = { name: 'Any', origins: ['https://any.test'], scopes: ['actions:invoke', 'records:read'] };

export function installationTests(world: () => World): void {
  const path = (extension: string): string => `/v1/extensions/${extension}/installation`;
  const put = (extension: string, json: unknown, who: Person = world().alice): Promise<Reply> =>
    who.ask(path(extension), { method: 'PUT', json });
  const remove = (extension: string, who: Person = world().alice): Promise<Reply> =>
    who.ask(path(extension), { method: 'DELETE' });
  const tokenFor = async (extension: string, who: Person = world().alice): Promise<string> =>
    textOf(await mustBe(201, who.post(`/v1/extensions/${extension}/token`, {})), 'token');
  const whoami = (token: string): Promise<Reply> =>
    world().send('/v1/whoami', { headers: [['Authorization', `Bearer ${token}`]] });
  /** Asks until the answer is another one; a fact may be this old. */
  const settled = async (token: string, status: number): Promise<Reply> => {
    const began = performance.now();
    let reply = await whoami(token);
    while (reply.status !== status && performance.now() - began < factsTtl * 1000 + 500)
      reply = await whoami(token);
    expect(reply.status).toBe(status);
    return reply;
  };
  const refusedSoon = async (token: string): Promise<void> => {
    expect((await settled(token, 403)).body).toMatchObject({ reason: 'installation_inactive' });
  };

  describe('an installation', () => {
    test('is answered as it now is: 200 with exactly its five members, enabled unless said otherwise', async () => {
      expect(await put('com.example.a', body)).toMatchObject({
        status: 200,
        body: { extensionId: 'com.example.a', ...body, enabled: true },
      });
      const again = await put('com.example.a', { ...body, name: 'Other', enabled: false });
      expect(again.body).toEqual({ extensionId: 'com.example.a', ...body, name: 'Other', enabled: false });
      const removed = await remove('com.example.a');
      expect([removed.status, removed.text]).toEqual([204, '']);
      expect((await remove('com.example.a')).status).toBe(204);
    });

    test.each<[string, object]>([
      ['without a name', { name: undefined }],
      ['with an empty name', { name: ' ' }],
      ['with a name that is no text', { name: 1 }],
      ['without origins', { origins: undefined }],
      ['with an origin that is none', { origins: ['any.test'] }],
      ['with an origin with a path', { origins: ['https://any.test/path'] }],
      ['with a wildcard origin', { origins: ['https://*.any.test'] }],
      ['with a script for an origin', { origins: ['javascript:alert(1)'] }],
      ['with one origin that is no list', { origins: 'https://any.test' }],
      ['without scopes', { scopes: undefined }],
      ['with the scope *', { scopes: ['*'] }],
      ['with a scope that is none', { scopes: ['records'] }],
      ['with enabled as text', { enabled: 'false' }],
      ['with a member it does not have', { organizationId: 'x' }],
    ])('%s is 400', async (_, change) => {
      expect(await put('com.example.b', { ...body, ...change })).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    });

    test('may be named only by an id that is well formed', async () => {
      for (const id of [
        '.hidden',
        '-x',
        'x'.repeat(65),
        'a b'.replace(' ', '%20'),
        'a%2Fb',
        '..',
        '*',
        'ü',
      ]) {
        const reply = await put(encodeURI(id).replaceAll('%25', '%'), body);
        expect([id, [403, 404].includes(reply.status)]).toEqual([id, true]);
      }
    });

    test('is for owners and admins: a member manages nothing, a key and a token neither', async () => {
      const { bob, keys, extension } = world();
      expect(await put('com.example.c', body, bob)).toMatchObject({
        status: 403,
        body: { reason: 'scope_insufficient' },
      });
      expect(await remove(extension, bob)).toMatchObject({
        status: 403,
        body: { reason: 'scope_insufficient' },
      });
      for (const header of [
        ['x-api-key', keys.alice.key],
        ['Authorization', `Bearer ${await tokenFor(extension)}`],
      ] as const) {
        const reply = await world().send(path('com.example.c'), {
          method: 'PUT',
          headers: [header],
          json: body,
        });
        expect(reply).toMatchObject({ status: 403, body: { reason: 'credential_kind_not_accepted' } });
      }
    });
  });

  describe('a token', () => {
    test('of an installation that is disabled, or deleted, is refused within the facts bound', async () => {
      const id = 'com.example.d';
      await mustBe(200, put(id, body));
      const token = await tokenFor(id);
      expect((await whoami(token)).status).toBe(200);
      await mustBe(200, put(id, { ...body, enabled: false }));
      await refusedSoon(token);
      const denied = await world().alice.post(`/v1/extensions/${id}/token`, {});
      expect(denied).toMatchObject({ status: 403, body: { reason: 'installation_inactive' } });
      await mustBe(200, put(id, body));
      await settled(await tokenFor(id), 200);
      await mustBe(204, remove(id));
      await refusedSoon(token);
    });

    test('loses what its installation loses', async () => {
      const id = 'com.example.e';
      await mustBe(200, put(id, body));
      const token = await tokenFor(id);
      await mustBe(200, put(id, { ...body, scopes: ['records:read:contact', 'records:write'] }));
      const narrowed = async (): Promise<unknown> => member((await whoami(token)).body, 'scopes');
      const began = performance.now();
      while (
        (await narrowed()) !== 'records:read:contact' &&
        performance.now() - began < factsTtl * 1000 + 500
      );
      expect(await narrowed()).toBe('records:read:contact');
      const reply = await world().send('/api/actions/execute', {
        method: 'POST',
        headers: [['Authorization', `Bearer ${token}`]],
        json: { action: 'find_many', input: { entity: 'contact' } },
      });
      expect(reply).toMatchObject({ status: 403, body: { reason: 'scope_insufficient' } });
    });

    test('does not carry what the role of its user does not give', async () => {
      const id = 'com.example.f';
      await mustBe(200, put(id, { ...body, scopes: ['extensions:manage', 'records:read'] }));
      const token = await tokenFor(id, world().bob);
      expect((await whoami(token)).body).toMatchObject({ scopes: 'records:read', role: 'member' });
      const owned = String(member((await whoami(await tokenFor(id))).body, 'scopes')).split(' ');
      expect(owned.toSorted()).toEqual(['extensions:manage', 'records:read']);
    });
  });

  test('an installation belongs to one organization: another’s with the same id is another', async () => {
    const { mallory, extension } = world();
    await mustBe(200, put(extension, { ...body, scopes: ['records:read'] }, mallory));
    const token = await tokenFor(extension, mallory);
    expect((await whoami(token)).body).toMatchObject({ organizationSlug: 'initech', scopes: 'records:read' });
    await mustBe(204, remove(extension, mallory));
    expect((await whoami(await tokenFor(extension))).status).toBe(200);
  });
}
