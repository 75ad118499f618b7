import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runs } from '../../support/runs.ts';
import type { Reply } from '../harness/http.ts';
import { signUp } from '../harness/person.ts';
import type { Person } from '../harness/person.ts';
import { found } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

/** Endpoints of Better Auth with the members of their bodies. */
const endpoints = [
  ['sign-up/email', ['name', 'email', 'password', 'image', 'callbackURL']],
  ['sign-in/email', ['email', 'password', 'callbackURL', 'rememberMe']],
  ['update-user', ['name', 'image']],
  ['change-password', ['newPassword', 'currentPassword', 'revokeOtherSessions']],
  ['revoke-session', ['token']],
  ['organization/create', ['name', 'slug', 'logo', 'metadata', 'userId']],
  ['organization/update', ['data', 'organizationId']],
  ['organization/check-slug', ['slug']],
  ['organization/set-active', ['organizationId', 'organizationSlug']],
  ['organization/invite-member', ['email', 'role', 'organizationId', 'resend']],
  ['organization/accept-invitation', ['invitationId']],
  ['organization/remove-member', ['memberIdOrEmail', 'organizationId']],
  ['organization/update-member-role', ['role', 'memberId', 'organizationId']],
  ['api-key/create', ['name', 'expiresIn', 'prefix', 'metadata', 'configId']],
  ['api-key/update', ['keyId', 'name', 'enabled', 'metadata']],
  ['api-key/delete', ['keyId', 'configId']],
] as const;

/** No Unicode: half of a pair. JSON can spell it, UTF-8 cannot. */
const half = '\ud800';

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(half, '', '\u0000', '#', '__proto__', 'a@b.test', 'x'.repeat(3000), 1e300, 5e-324, true),
);
const request = fc
  .constantFrom(...endpoints)
  .chain(([path, names]) =>
    fc.tuple(fc.constant(path), fc.dictionary(fc.constantFrom(...names), value, { noNullPrototype: true })),
  );

export function identityInputTests(world: () => World): void {
  describe('whatever is sent to /api/auth/*', () => {
    let jack: Person;
    beforeAll(async () => {
      const { rest } = world();
      jack = await signUp(rest, rest, 'jack');
      await found(jack, 'jack');
    });
    /** With the cookies of now, and without keeping those of the answer. */
    const post = (path: string, json: unknown): Promise<Reply> =>
      world().send(`/api/auth/${path}`, {
        method: 'POST',
        headers: [
          ['Origin', world().rest],
          ['Cookie', jack.cookie()],
        ],
        json,
      });

    test('is no fault: no value of any member is answered by a 5xx', async () => {
      await fc.assert(
        fc.asyncProperty(request, async ([path, json]) => {
          expect((await post(path, json)).status).toBeLessThan(500);
        }),
        runs(150),
      );
    });

    test('text that is no Unicode is refused like any other wrong value', async () => {
      const cases = [
        ['sign-up/email', { name: half, email: 'half@people.test', password: jack.password }, 400],
        ['update-user', { name: half }, 400],
        ['organization/create', { name: half, slug: 'half' }, 400],
        ['organization/check-slug', { slug: half }, 400],
        ['organization/set-active', { organizationId: half }, 400],
        ['api-key/create', { name: half }, 400],
        ['api-key/delete', { keyId: half }, 400],
      ] as const;
      for (const [path, json, status] of cases) {
        expect([path, (await post(path, json)).status]).toEqual([path, status]);
      }
    });

    test('that is no JSON, or of another media type, is refused before it is looked at', async () => {
      const raw = (type: string, body: string | Buffer): Promise<Reply> =>
        world().send('/api/auth/sign-in/email', {
          method: 'POST',
          headers: [
            ['Origin', world().rest],
            ['Content-Type', type],
          ],
          body,
        });
      for (const body of ['{', '', 'null', '[]', '"x"', Buffer.from([0xff, 0xfe])]) {
        expect([body, (await raw('application/json', body)).status]).toEqual([body, 400]);
      }
      for (const type of ['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'nonsense']) {
        const { status } = await raw(type, '{"email":"alice@people.test","password":"x"}');
        expect([type, [400, 415].includes(status)]).toEqual([type, true]);
      }
    });

    test('who is in no session gets nothing done by naming a user', async () => {
      const { alice, rest } = world();
      for (const [path, json] of [
        ['organization/create', { name: 'x', slug: 'for-alice', userId: alice.id }],
        ['api-key/create', { name: 'x', userId: alice.id }],
      ] as const) {
        const headers = [['Origin', rest]] as const;
        expect((await world().send(`/api/auth/${path}`, { method: 'POST', headers, json })).status).toBe(401);
      }
    });

    test('nobody sees or enters an organization they are not in', async () => {
      const { acme, mallory } = world();
      const named = `organizationId=${acme.id}`;
      for (const path of ['get-full-organization', 'list-members', 'list-invitations']) {
        expect([path, (await mallory.ask(`/api/auth/organization/${path}?${named}`)).status]).toEqual([
          path,
          403,
        ]);
      }
      const entered = await mallory.post('/api/auth/organization/set-active', { organizationId: acme.id });
      expect(entered.status).toBe(403);
      expect((await mallory.ask('/v1/whoami')).body).toMatchObject({ organizationSlug: 'initech' });
      for (const json of [{ activeOrganizationId: acme.id }, { activeOrganizationSlug: acme.slug }]) {
        await mallory.post('/api/auth/update-session', json);
        expect((await mallory.ask('/v1/whoami')).body).toMatchObject({ organizationSlug: 'initech' });
      }
    });
  });
}
