import { beforeAll, describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Fields, Reply } from '../harness/http.ts';
import { signIn, signUp } from '../harness/person.ts';
import type { Person } from '../harness/person.ts';
import { memberRow, sessionRow, setOnRow } from '../harness/rows.ts';
import { createKey, factsTtl, found, invite, mint, mustBe } from '../harness/world.ts';
import type { Tenant, World } from '../harness/world.ts';

/** Every allow names an organization of which the principal is a member now, within the facts bound. */
export function membershipTests(world: () => World): void {
  let erin: Person;
  let key: string;
  beforeAll(async () => {
    const { rest, alice, acme } = world();
    erin = await signUp(rest, rest, 'erin');
    await invite(alice, erin, acme);
    await mustBe(200, erin.post('/api/auth/organization/set-active', { organizationId: acme.id }));
    ({ key } = await createKey(erin));
  });
  const ask = (headers: Fields, path = '/v1/whoami'): Promise<Reply> => world().send(path, { headers });
  const byKey = (): Fields => [['x-api-key', key]];
  /** Asks until the answer holds; a fact may be this old. */
  const soon = async (headers: Fields, holds: (reply: Reply) => boolean): Promise<Reply> => {
    const began = performance.now();
    let reply = await ask(headers);
    while (!holds(reply) && performance.now() - began < factsTtl * 1000 + 500) reply = await ask(headers);
    expect([reply.status, reply.text, holds(reply)]).toEqual([reply.status, reply.text, true]);
    return reply;
  };
  const memberId = async (person: Person, tenant: Tenant): Promise<unknown> => {
    const full = await world().alice.ask(
      `/api/auth/organization/get-full-organization?organizationId=${tenant.id}`,
    );
    const members: readonly unknown[] = Object(member(full.body, 'members'));
    return member(
      members.find((each) => member(each, 'userId') === person.id),
      'id',
    );
  };
  const setRole = (role: string): Promise<void> =>
    setOnRow(world().stack, memberRow(erin.id, world().acme.id), 'role', role);

  describe('a role', () => {
    test.each([
      ['owner', '*'],
      ['admin', '*'],
      ['member', 'actions:invoke extensions:use realtime:connect records:read records:write'],
      ['member,admin', '*'],
      ['auditor,member', 'actions:invoke extensions:use realtime:connect records:read records:write'],
      ['auditor', ''],
      ['Owner', ''],
      ['*', ''],
      ['', ''],
    ])('%j gives %j, to a key made under another one too', async (role, scopes) => {
      await setRole(role);
      try {
        const reply = await soon(byKey(), ({ body }) => member(body, 'role') === role || role === '');
        if (scopes === '') {
          expect((await ask(byKey(), '/v1/records/contact')).status).toBe(403);
          if (reply.status !== 200) return;
        }
        expect(String(member(reply.body, 'scopes')).split(' ').toSorted().join(' ')).toBe(scopes);
      } finally {
        await setRole('member');
      }
    });

    test('changed through Better Auth changes what an old session may do, within the facts bound', async () => {
      const { alice, acme } = world();
      const cookie: Fields = [['Cookie', erin.cookie()]];
      await soon(cookie, ({ body }) => member(body, 'role') === 'member');
      const change = async (role: string) =>
        mustBe(
          200,
          alice.post('/api/auth/organization/update-member-role', {
            organizationId: acme.id,
            memberId: await memberId(erin, acme),
            role,
          }),
        );
      await change('admin');
      await soon(cookie, ({ body }) => member(body, 'scopes') === '*');
      await change('member');
      await soon(cookie, ({ body }) => member(body, 'role') === 'member');
    });
  });

  test('a renamed organization is known by its new slug at once, and by its old one no longer', async () => {
    const { rest } = world();
    const frank = await signUp(rest, rest, 'frank');
    const tenant = await found(frank, 'before');
    const own = await createKey(frank);
    const named = (slug: string): Fields => [
      ['x-api-key', own.key],
      ['x-tenant-id', slug],
    ];
    expect((await ask(named('before'))).status).toBe(200);
    await mustBe(
      200,
      frank.post('/api/auth/organization/update', { organizationId: tenant.id, data: { slug: 'after' } }),
    );
    expect((await ask(named('after'))).body).toMatchObject({
      organizationId: tenant.id,
      organizationSlug: 'after',
    });
    await soon(named('before'), ({ status }) => status === 403);
    await soon([['Cookie', frank.cookie()]], ({ body }) => member(body, 'organizationSlug') === 'after');
  });

  test('somebody who takes a slug that was freed gets nothing of whoever had it', async () => {
    const { mallory } = world();
    const taken = await found(mallory, 'before');
    const reply = await ask([
      ['Cookie', mallory.cookie()],
      ['x-tenant-id', 'before'],
    ]);
    expect(reply.body).toMatchObject({ organizationId: taken.id, organizationSlug: 'before' });
    await mustBe(200, mallory.post('/api/auth/organization/delete', { organizationId: taken.id }));
  });

  test('a session ends at the second its row says, and is named expired', async () => {
    const { rest, stack } = world();
    const device = await signIn(rest, rest, erin);
    const cookie = device.cookieNamed('better-auth-session');
    await setOnRow(stack, sessionRow(cookie), 'expiresAt', new Date(Date.now() - 1).toISOString());
    const reply = await ask([['Cookie', `better-auth-session=${cookie}`]]);
    expect([reply.status, await world().reasonOf(reply)]).toEqual([401, 'credential_expired']);
  });

  test('revoking one’s other sessions ends them, within the facts bound', async () => {
    const { rest } = world();
    const device = await signIn(rest, rest, erin);
    const other = await signIn(rest, rest, erin);
    expect((await other.ask('/v1/whoami')).status).toBe(200);
    await mustBe(200, device.post('/api/auth/revoke-other-sessions', {}));
    await soon([['Cookie', other.cookie()]], ({ status }) => status === 401);
    expect((await device.ask('/v1/whoami')).status).toBe(200);
    erin = device;
  });

  test('who is removed from an organization is out of it with key, session and token, within the facts bound', async () => {
    const { alice, acme } = world();
    await setRole('member');
    await mustBe(200, erin.post('/api/auth/organization/set-active', { organizationId: acme.id }));
    const token: Fields = [['Authorization', `Bearer ${await mint(world(), erin)}`]];
    const session: Fields = [['Cookie', erin.cookie()]];
    for (const headers of [byKey(), session, token]) expect((await ask(headers)).status).toBe(200);
    const memberIdOrEmail = await memberId(erin, acme);
    await mustBe(
      200,
      alice.post('/api/auth/organization/remove-member', { organizationId: acme.id, memberIdOrEmail }),
    );
    for (const [headers, reason] of [
      [byKey(), 'organization_missing'],
      [session, 'organization_forbidden'],
      [token, 'organization_forbidden'],
      [[...byKey(), ['x-tenant-id', acme.slug]], 'organization_forbidden'],
    ] satisfies [Fields, string][]) {
      await soon(headers, ({ status, body }) => status === 403 && member(body, 'reason') === reason);
    }
  });

  test('a user who deletes the account leaves no credential behind that is taken', async () => {
    const { rest } = world();
    const gina = await signUp(rest, rest, 'gina');
    await found(gina, 'gone-soon');
    const own = await createKey(gina);
    const cookie = gina.cookie();
    expect((await ask([['x-api-key', own.key]])).status).toBe(200);
    await mustBe(200, gina.post('/api/auth/delete-user', { password: gina.password }));
    for (const headers of [[['x-api-key', own.key]], [['Cookie', cookie]]] satisfies Fields[]) {
      await soon(headers, ({ status }) => status === 401);
    }
  });
}
