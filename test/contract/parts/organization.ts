import { describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Fields, Reply } from '../harness/http.ts';
import { mint } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function organizationTests(world: () => World): void {
  const asked = (...tenants: readonly string[]): Fields =>
    tenants.map((tenant) => ['x-tenant-id', tenant] as const);
  const byKey = (headers: Fields, name: 'alice' | 'bob' | 'mallory' = 'alice'): Promise<Reply> =>
    world().send('/v1/whoami', { headers: [['x-api-key', world().keys[name].key], ...headers] });

  describe('x-tenant-id', () => {
    test('selects among the caller’s organizations by slug and by id, for keys and sessions', async () => {
      const { acme, globex, alice } = world();
      for (const tenant of [acme, globex]) {
        for (const name of [tenant.slug, tenant.id]) {
          const expected = { organizationId: tenant.id, organizationSlug: tenant.slug, role: 'owner' };
          expect((await byKey(asked(name))).body).toMatchObject(expected);
          expect((await alice.ask('/v1/whoami', { headers: asked(name) })).body).toMatchObject(expected);
        }
      }
    });

    test('repeated with one value, or with white space around it, is that value', async () => {
      const { globex } = world();
      for (const headers of [asked('globex', 'globex'), asked(' globex\t')]) {
        expect((await byKey(headers)).body).toMatchObject({ organizationId: globex.id });
      }
    });

    test('empty, with a comma, or repeated with different values is organization_ambiguous', async () => {
      for (const headers of [
        asked(''),
        asked(' '),
        asked('acme-corp,globex'),
        asked('acme-corp,'),
        asked(','),
        asked('acme-corp', 'globex'),
        asked('acme-corp', ''),
        asked('acme-corp', 'acme-corp', 'globex'),
      ]) {
        const reply = await byKey(headers);
        expect([headers, reply.status, member(reply.body, 'reason')]).toEqual([
          headers,
          403,
          'organization_ambiguous',
        ]);
      }
    });

    test('of an organization that does not exist and of one the caller is not in get one and the same answer', async () => {
      const { initech, alice } = world();
      const unknown = 'no-such-organization';
      const names = [
        initech.slug,
        initech.id,
        unknown,
        'A'.repeat(32),
        '../acme-corp',
        '*',
        '%61cme-corp',
        'x'.repeat(3000),
      ];
      const shape = (reply: Reply) => ({
        status: reply.status,
        text: reply.text.replace(reply.requestId, ''),
        headers: reply.rawHeaders.filter((_, index) => index % 2 === 0),
      });
      const [first, ...others] = await Promise.all(
        names.map(async (name) => shape(await byKey(asked(name)))),
      );
      expect(first).toMatchObject({ status: 403, text: expect.stringContaining('organization_forbidden') });
      for (const other of others) expect(other).toEqual(first);
      const sessions = names.map(async (name) =>
        shape(await alice.ask('/v1/whoami', { headers: asked(name) })),
      );
      for (const other of await Promise.all(sessions)) expect(other.text).toEqual(first?.text);
    });

    test('… and cause the same reads', async () => {
      const reads = async (name: string): Promise<unknown> => {
        const reply = await byKey(asked(name), 'bob');
        return member(await world().stack.decisions.of(reply.requestId, 5000), 'reads');
      };
      // The key's own fact is fetched before: both requests then find the same memory.
      await byKey([], 'bob');
      const foreign = await reads(world().initech.slug);
      expect(await reads('no-such-organization')).toBe(foreign);
      expect(foreign).toBeGreaterThan(0);
    });

    test('of an extension token’s own organization is taken, any other is organization_mismatch', async () => {
      const { alice, acme, globex } = world();
      const token = ['Authorization', `Bearer ${await mint(world(), alice)}`] as const;
      const ask = (tenant: string) => world().send('/v1/whoami', { headers: [token, ...asked(tenant)] });
      for (const name of [acme.id, acme.slug]) expect((await ask(name)).status).toBe(200);
      for (const name of [globex.slug, globex.id, 'initech', 'no-such-organization']) {
        const reply = await ask(name);
        expect([name, reply.status, member(reply.body, 'reason')]).toEqual([
          name,
          403,
          'organization_mismatch',
        ]);
      }
    });
  });

  test('without it a key acts in its owner’s first organization and a session in its active one', async () => {
    const { alice, acme, globex } = world();
    const activate = (id: string) => alice.post('/api/auth/organization/set-active', { organizationId: id });
    try {
      expect((await activate(globex.id)).status).toBe(200);
      expect((await alice.ask('/v1/whoami')).body).toMatchObject({ organizationId: globex.id });
      expect((await byKey([])).body).toMatchObject({ organizationId: acme.id });
    } finally {
      await activate(acme.id);
    }
    expect((await alice.ask('/v1/whoami')).body).toMatchObject({ organizationId: acme.id });
  });

  describe('a slug', () => {
    const create = (slug: string) =>
      world().alice.post('/api/auth/organization/create', { name: 'Another', slug });

    test.each([
      'Upper',
      'under_score',
      '-leading',
      'trailing-',
      'dot.ted',
      'a b',
      'ü',
      '',
      'x'.repeat(64),
      'a'.repeat(32),
      '0f8fad5b-d9cb-469f-a165-70867728950e',
    ])('%j is refused when an organization is made', async (slug) => {
      const reply = await create(slug);
      expect(reply.status).toBe(400);
      expect(reply.text).not.toContain('"id"');
    });

    test('that equals another organization’s id, or is refused at creation, is refused as a new name too', async () => {
      const { alice, globex, initech } = world();
      for (const slug of [initech.id, 'Upper', 'a'.repeat(32), '']) {
        const reply = await alice.post('/api/auth/organization/update', {
          organizationId: globex.id,
          data: { slug },
        });
        expect([slug, reply.status]).toEqual([slug, 400]);
      }
      expect((await byKey(asked('globex'))).status).toBe(200);
    });

    test('that somebody has is refused, also as a new name', async () => {
      const { alice, globex } = world();
      expect((await create('initech')).status).toBe(400);
      const data = { slug: 'initech' };
      const renamed = await alice.post('/api/auth/organization/update', { organizationId: globex.id, data });
      expect(renamed.status).toBe(400);
    });
  });
}
