import { describe, expect, test } from '@jest/globals';
import { send } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import { createBrowser } from '../harness/person.ts';
import type { World } from '../harness/world.ts';

const paths = [
  '/v1/whoami',
  '/v1/records/contact',
  '/v1/extensions/com.example.any/installation',
  '/v1/extensions/com.example.any/token',
  '/api/actions/execute',
  '/api/auth/sign-in/email',
];

/** What has no authorizer in front of it on the HTTP API either: preflights, and Better Auth. */
export function httpOpenTests(world: () => World): void {
  const cors = (reply: Reply): readonly unknown[] => [
    reply.status,
    ...['origin', 'credentials', 'methods', 'headers'].map((name) =>
      reply.header(`access-control-allow-${name}`),
    ),
    reply.header('access-control-max-age'),
    reply.header('vary'),
  ];
  const origins = (): readonly string[] => {
    const { rest, http, stack } = world();
    const local = http.replace('127.0.0.1', 'localhost');
    return [rest, http, local, stack.urls.console, stack.urls.extension, 'https://attacker.test', 'null'];
  };

  describe('over the HTTP API', () => {
    test.each(paths)('a preflight of %s is answered as over REST, and needs no credential', async (path) => {
      for (const origin of origins()) {
        const headers = [
          ['Origin', origin],
          ['Access-Control-Request-Method', 'POST'],
          ['Access-Control-Request-Headers', 'content-type,x-api-key'],
        ] as const;
        const preflight = (to: string): Promise<Reply> => send(to, path, { method: 'OPTIONS', headers });
        const [rest, http] = await Promise.all([preflight(world().rest), preflight(world().http)]);
        expect([origin, ...cors(http)]).toEqual([origin, ...cors(rest)]);
        expect(http.status).toBe(204);
      }
      const trusted = { method: 'OPTIONS', headers: [['Origin', world().http]] as const };
      const allowed = (await send(world().http, path, trusted)).header('access-control-allow-origin');
      expect(allowed).toEqual([path === '/api/actions/execute' ? '*' : world().http]);
    });

    test('an answer may be read by the pages that may read it over REST', async () => {
      for (const origin of origins()) {
        const headers = [
          ['x-api-key', world().keys.alice.key],
          ['Origin', origin],
        ] as const;
        for (const path of ['/v1/whoami', '/v1/records/cors', '/api/auth/get-session']) {
          const [rest, http] = await Promise.all([
            send(world().rest, path, { headers }),
            send(world().http, path, { headers }),
          ]);
          expect([path, origin, ...cors(http)]).toEqual([path, origin, ...cors(rest)]);
        }
      }
    });

    test('signing in sets the cookies that both APIs take, each by a Set-Cookie of its own', async () => {
      const { http, rest, alice } = world();
      const browser = createBrowser(http, http);
      const { email, password, id } = alice;
      const reply = await browser.post('/api/auth/sign-in/email', { email, password });
      expect(reply.header('set-cookie').map((line) => line.slice(0, line.indexOf('=')))).toEqual(
        expect.arrayContaining(['better-auth-session', 'better-auth.session_data']),
      );
      for (const base of [http, rest]) {
        const headers = [['Cookie', browser.cookie()]] as const;
        expect((await send(base, '/v1/whoami', { headers })).body).toMatchObject({ userId: id });
      }
      expect((await browser.post('/api/auth/sign-out', {})).status).toBe(200);
      expect(browser.cookie()).not.toContain('better-auth-session');
    });

    test('Better Auth keeps its own checks: an untrusted origin does nothing with a cookie', async () => {
      const { http, alice } = world();
      for (const origin of ['https://attacker.test', 'null']) {
        const headers = [
          ['Cookie', alice.cookie()],
          ['Origin', origin],
        ] as const;
        const reply = await send(http, '/api/auth/sign-out', { method: 'POST', headers, json: {} });
        expect([origin, reply.status]).toEqual([origin, 403]);
      }
      expect((await alice.ask('/v1/whoami')).status).toBe(200);
    });
  });
}
