import { describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Fields, Reply } from '../harness/http.ts';
import type { World } from '../harness/world.ts';

/** Only the canonical spelling of a route is one; nothing else reaches an endpoint. */
export function routeTests(world: () => World): void {
  const key = (): Fields => [['x-api-key', world().keys.alice.key]];
  const ask = (path: string, method = 'GET', headers = key()): Promise<Reply> =>
    world().send(path, { method, headers });

  describe('a path that is not spelled as its route reaches nothing', () => {
    test.each([
      '/v1/whoami/',
      '/v1/whoami//',
      '/v1/whoam%69',
      '/v1/%77hoami',
      '/v1//whoami',
      '//v1/whoami',
      '/v1/./whoami',
      '/v1/../v1/whoami',
      '/v1/%2e/whoami',
      '/v1%2fwhoami',
      '/v1/whoami%00',
      '/v1/whoami%20',
      '/V1/whoami',
      '/v1/WhoAmI',
      '/v1/whoami;x=1',
      '/v1/whoami*',
      '/v1/*',
      '/*',
      '/v1/whoami$',
      '/$default',
      '/v1/records/',
      '/v1/records',
      '/v1/records//',
      '/v1/records/contact/',
      '/v1/records/contact/1',
      '/v1/records/%63ontact',
      '/v1/records/.',
      '/v1/records/..',
      '/v1/records/%2e%2e',
      '/v1/records/contact%2f',
      '/v1/records/*',
      '/v1/records/$',
      '/v1/records/?',
      '/v1/records/cont*',
      '/v1/records/contact%2a',
      '/dev/v1/whoami',
      '/prod/v1/whoami',
      '/',
      '',
      '/v1',
      '/v2/whoami',
    ])('GET %s', async (path) => {
      const reply = await ask(path);
      expect([403, 404]).toContain(reply.status);
      expect(reply.body).toMatchObject(
        reply.status === 404 ? { error: 'not_found' } : { error: 'forbidden', reason: 'route_unlisted' },
      );
      expect(member(reply.body, 'requestId')).toBe(reply.requestId);
      expect(reply.header('cache-control')).toEqual(['no-store']);
    });

    test.each([
      ['POST', '/api/actions/execute/'],
      ['POST', '/api/actions//execute'],
      ['POST', '/api/actions/%65xecute'],
      ['PUT', '/v1/extensions//installation'],
      ['PUT', '/v1/extensions/../installation'],
      ['PUT', '/v1/extensions/a%2Fb/installation'],
      ['DELETE', '/v1/extensions/a/installation/'],
      ['POST', '/v1/extensions/a/token/'],
      ['POST', '/v1/extensions/%2e%2e/token'],
      ['POST', '/v1/extensions/token'],
    ])('%s %s', async (method, path) => {
      const headers: Fields = [
        ['Cookie', world().alice.cookie()],
        ['Origin', world().rest],
      ];
      const reply = await ask(path, method, headers);
      expect([403, 404]).toContain(reply.status);
      if (reply.status === 403) expect(member(reply.body, 'reason')).toBe('route_unlisted');
    });

    test('a query is no part of it', async () => {
      for (const query of ['?', '?x=1', '?/../x', '?a=%', '?limit=1#', '??', '?__proto__=1']) {
        expect([query, (await ask(`/v1/whoami${query}`)).status]).toEqual([query, 200]);
      }
    });
  });

  describe('a method that a route does not have', () => {
    test.each([
      ['POST', '/v1/whoami'],
      ['PUT', '/v1/whoami'],
      ['DELETE', '/v1/whoami'],
      ['PATCH', '/v1/whoami'],
      ['HEAD', '/v1/whoami'],
      ['PUT', '/v1/records/contact'],
      ['PATCH', '/v1/records/contact'],
      ['DELETE', '/v1/records/contact'],
      ['HEAD', '/v1/records/contact'],
      ['GET', '/api/actions/execute'],
      ['PUT', '/api/actions/execute'],
      ['GET', '/v1/extensions/a/installation'],
      ['POST', '/v1/extensions/a/installation'],
      ['GET', '/v1/extensions/a/token'],
      ['PROPFIND', '/v1/whoami'],
      ['TRACE', '/v1/whoami'],
    ])('%s %s is 404, whoever asks', async (method, path) => {
      for (const headers of [key(), []]) {
        const reply = await ask(path, method, headers);
        expect(reply.status).toBe(404);
        if (method !== 'HEAD') expect(member(reply.body, 'error')).toBe('not_found');
      }
    });
  });

  test('a method cannot be overridden by a header or a query', async () => {
    const { alice } = world();
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
      const reply = await alice.ask('/v1/records/override?_method=POST', { headers: [[name, 'POST']] });
      expect(reply.body).toEqual({ records: [] });
    }
  });

  test('a path longer than the gateway can tell its authorizer is 414 or 404, in our shape', async () => {
    for (const path of [
      `/v1/records/${'x'.repeat(2000)}`,
      `/v1/records/${'x'.repeat(7000)}`,
      `/${'x/'.repeat(3000)}`,
    ]) {
      const reply = await ask(path);
      expect([403, 404, 414]).toContain(reply.status);
      expect(member(reply.body, 'requestId')).toBe(reply.requestId);
      expect(reply.header('cache-control')).toEqual(['no-store']);
    }
    expect((await ask(`/v1/whoami?${'x'.repeat(5000)}`)).status).toBe(200);
  });

  describe('/api/auth/*', () => {
    test('is open without a credential, and what Better Auth does not have is its 404', async () => {
      expect(await ask('/api/auth/ok', 'GET', [])).toMatchObject({ status: 200, body: { ok: true } });
      expect((await ask('/api/auth/no-such-thing', 'GET', [])).status).toBe(404);
      expect((await ask('/api/auth/get-session', 'GET', [])).body).toBeNull();
    });

    test('leads nowhere but to Better Auth, however its path is spelled', async () => {
      for (const path of [
        '/api/auth/../../v1/whoami',
        '/api/auth/..%2f..%2fv1%2fwhoami',
        '/api/auth/%2e%2e/actions/execute',
        '/api/auth//',
        '/api/auth/',
        '/api/auth',
        '/api/auth/%',
        '/api/auth/%00',
        '/api/auth/http://attacker.test/',
        '/api/auth//attacker.test/api/auth/ok',
      ]) {
        const reply = await ask(path, 'GET', []);
        expect([path, [400, 404].includes(reply.status)]).toEqual([path, true]);
        expect(reply.header('location')).toEqual([]);
      }
    });

    test('a session that is asked for is stored by nobody', async () => {
      const reply = await world().alice.ask('/api/auth/get-session');
      expect(reply.header('cache-control').join()).toContain('no-store');
    });
  });
}
