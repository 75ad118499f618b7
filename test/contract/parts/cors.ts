import { describe, expect, test } from '@jest/globals';
import type { Fields, Reply } from '../harness/http.ts';
import { mint } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

const routes = [
  ['GET', '/v1/whoami'],
  ['GET', '/v1/records/contact'],
  ['POST', '/v1/records/contact'],
  ['PUT', '/v1/extensions/com.example.any/installation'],
  ['DELETE', '/v1/extensions/com.example.any/installation'],
  ['POST', '/v1/extensions/com.example.any/token'],
  ['POST', '/api/auth/sign-in/email'],
  ['GET', '/api/auth/get-session'],
] as const;
const attacker = 'https://attacker.test';

export function corsTests(world: () => World): void {
  const trusted = (): readonly string[] => {
    const { rest, console } = world().stack.urls;
    return [rest, console].flatMap((url) => [url, url.replace('127.0.0.1', 'localhost')]);
  };
  const preflight = (method: string, path: string, origin: string): Promise<Reply> =>
    world().send(path, {
      method: 'OPTIONS',
      headers: [
        ['Origin', origin],
        ['Access-Control-Request-Method', method],
        ['Access-Control-Request-Headers', 'content-type,x-api-key,x-tenant-id,authorization'],
      ],
    });
  const allowed = (reply: Reply) => reply.header('access-control-allow-origin');
  const listed = (reply: Reply, name: string): readonly string[] =>
    reply
      .header(name)
      .join(',')
      .toLowerCase()
      .split(',')
      .map((each) => each.trim());
  /** A page of this origin may read the answer, with the user's cookies. */
  const readableBy = (reply: Reply, origin: string): void => {
    expect(allowed(reply)).toEqual([origin]);
    expect(reply.header('access-control-allow-credentials')).toEqual(['true']);
    expect(listed(reply, 'vary')).toContain('origin');
  };

  describe('a preflight needs no credential', () => {
    test.each(routes)(
      '%s %s: a trusted page may send it with every header of the contract',
      async (method, path) => {
        for (const origin of trusted()) {
          const reply = await preflight(method, path, origin);
          expect(reply.status).toBe(204);
          readableBy(reply, origin);
          expect(listed(reply, 'access-control-allow-methods')).toContain(method.toLowerCase());
          for (const name of ['authorization', 'content-type', 'x-api-key', 'x-tenant-id']) {
            expect(listed(reply, 'access-control-allow-headers')).toContain(name);
          }
        }
      },
    );

    test.each(routes)('%s %s: no other page may', async (method, path) => {
      const { extension } = world().stack.urls;
      for (const origin of [
        attacker,
        'null',
        '',
        extension,
        `${world().rest}.attacker.test`,
        'http://127.0.0.1',
      ]) {
        const reply = await preflight(method, path, origin);
        expect([origin, allowed(reply), reply.header('access-control-allow-credentials')]).toEqual([
          origin,
          [],
          [],
        ]);
        expect(listed(reply, 'vary')).toContain('origin');
      }
    });

    test('POST /api/actions/execute: any page may, without cookies', async () => {
      for (const origin of [attacker, 'null', world().rest, world().stack.urls.extension]) {
        const reply = await preflight('POST', '/api/actions/execute', origin);
        expect([reply.status, allowed(reply)]).toEqual([204, ['*']]);
        expect(reply.header('access-control-allow-credentials')).toEqual([]);
        expect(listed(reply, 'access-control-allow-methods')).toContain('post');
        expect(listed(reply, 'access-control-allow-headers')).toEqual(
          expect.arrayContaining(['authorization', 'content-type']),
        );
      }
    });
  });

  describe('an answer', () => {
    const key = () => ['x-api-key', world().keys.alice.key] as const;
    const from = (origin: string, headers: Fields = [key()], path = '/v1/whoami') =>
      world().send(path, { headers: [...headers, ['Origin', origin]] });

    test('of an endpoint is for the trusted page that asked, and for no other', async () => {
      for (const origin of trusted()) readableBy(await from(origin), origin);
      for (const origin of [attacker, 'null', world().stack.urls.extension]) {
        const reply = await from(origin);
        expect([reply.status, allowed(reply)]).toEqual([200, []]);
        expect(listed(reply, 'vary')).toContain('origin');
      }
    });

    test('of an endpoint that refuses is readable too', async () => {
      const [origin = ''] = trusted();
      const headers: Fields = [key(), ['Origin', origin]];
      const reply = await world().send('/v1/records/contact', { method: 'POST', headers, body: '{' });
      expect(reply.status).toBe(400);
      readableBy(reply, origin);
    });

    test('of the Action API is for any page, without credentials, also an error', async () => {
      const token = ['Authorization', `Bearer ${await mint(world(), world().alice)}`] as const;
      for (const [json, status] of [
        [{ action: 'find_many', input: { entity: 'contact' } }, 200],
        [{}, 400],
      ] as const) {
        for (const origin of [attacker, world().rest, 'null']) {
          const headers: Fields = [token, ['Origin', origin]];
          const reply = await world().send('/api/actions/execute', { method: 'POST', headers, json });
          expect([reply.status, allowed(reply)]).toEqual([status, ['*']]);
          expect(reply.header('access-control-allow-credentials')).toEqual([]);
        }
      }
    });

    test('401 and 404 carry the origin of BETTER_AUTH_URL, whoever asked', async () => {
      for (const origin of [attacker, 'null', ...trusted()]) {
        for (const [path, headers] of [
          ['/v1/whoami', []],
          ['/v1/whoami', [['x-api-key', 'x']]],
        ] as const) {
          const reply = await from(origin, headers, path);
          expect(reply.status).toBe(401);
          readableBy(reply, world().rest);
        }
      }
    });

    test('403 carries the request’s origin when it is trusted, and no other origin', async () => {
      const refused: Fields = [key(), ['x-tenant-id', 'initech']];
      for (const origin of trusted()) {
        const reply = await from(origin, refused);
        expect(reply.status).toBe(403);
        readableBy(reply, origin);
      }
      for (const origin of [attacker, 'null', world().stack.urls.extension]) {
        const reply = await from(origin, refused);
        expect([reply.status, allowed(reply)]).toEqual([403, []]);
      }
      expect(allowed(await world().send('/v1/whoami', { headers: refused }))).toEqual([]);
    });

    test('of Better Auth is for trusted pages as well', async () => {
      for (const origin of trusted()) {
        const reply = await from(origin, [], '/api/auth/get-session');
        expect(reply.status).toBe(200);
        readableBy(reply, origin);
        const signIn = await world().send('/api/auth/sign-in/email', {
          method: 'POST',
          headers: [['Origin', origin]],
          json: { email: 'nobody@people.test', password: 'not a password' },
        });
        expect(signIn.status).toBe(401);
        readableBy(signIn, origin);
      }
      for (const origin of [attacker, 'null'])
        expect(allowed(await from(origin, [], '/api/auth/ok'))).toEqual([]);
    });
  });
}
