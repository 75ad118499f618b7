import { describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Fields, Reply } from '../harness/http.ts';
import type { World } from '../harness/world.ts';

/** The origin rule: what a page may do with a cookie its browser sends along. */
export function originTests(world: () => World): void {
  const origin = (value: string) => ['Origin', value] as const;
  const site = (value: string) => ['Sec-Fetch-Site', value] as const;
  const withCookie = (method: string, path: string, headers: Fields): Promise<Reply> =>
    world().send(path, {
      method,
      headers: [['Cookie', world().alice.cookie()], ...headers],
      ...(method === 'POST' && { json: { text: 'hello' } }),
    });
  const outcome = async (reply: Promise<Reply>) => {
    const { status, body } = await reply;
    return [status, member(body, 'reason')];
  };
  const trusted = (): readonly string[] => {
    const { rest, console } = world().stack.urls;
    return [rest, console].flatMap((url) => [url, url.replace('127.0.0.1', 'localhost')]);
  };
  const untrusted = (): readonly string[] => {
    const { rest, extension } = world().stack.urls;
    return [
      'null',
      '',
      'https://attacker.test',
      extension,
      rest.replace('http:', 'https:'),
      'http://127.0.0.1',
      `${rest}/`,
      `${rest}0`,
      `${rest}, ${rest}`,
      `${rest}.attacker.test`,
      rest.replace('//', '//user@'),
      rest.toUpperCase(),
      '*',
    ];
  };

  describe('a session', () => {
    test('writes from every trusted origin, by address and by the name localhost', async () => {
      for (const each of trusted()) {
        expect(await outcome(withCookie('POST', '/v1/records/origin', [origin(each)]))).toEqual([
          201,
          undefined,
        ]);
        const crossSite = [origin(each), site('cross-site')];
        expect(await outcome(withCookie('POST', '/v1/records/origin', crossSite))).toEqual([201, undefined]);
      }
    });

    test('writes nothing without an Origin: a server that calls sends it', async () => {
      for (const headers of [
        [],
        [site('same-origin')],
        [site('none')],
        [['Referer', world().rest]],
      ] as const) {
        expect(await outcome(withCookie('POST', '/v1/records/origin', headers))).toEqual([
          403,
          'origin_untrusted',
        ]);
        const path = '/v1/extensions/com.example.gone/installation';
        expect(await outcome(withCookie('DELETE', path, headers))).toEqual([403, 'origin_untrusted']);
      }
    });

    test('does nothing at all from another origin, not even read', async () => {
      for (const each of untrusted()) {
        for (const method of ['GET', 'POST']) {
          const reply = withCookie(method, '/v1/records/origin', [origin(each)]);
          expect([each, method, ...(await outcome(reply))]).toEqual([each, method, 403, 'origin_untrusted']);
        }
      }
    });

    test('that names two origins names none, even when both are trusted', async () => {
      const [a = '', b = ''] = trusted();
      for (const headers of [
        [origin(a), origin(b)],
        [origin(a), origin('https://attacker.test')],
      ]) {
        expect(await outcome(withCookie('GET', '/v1/whoami', headers))).toEqual([403, 'origin_untrusted']);
      }
    });

    test('reads without an Origin, unless the browser says the request crosses sites', async () => {
      for (const headers of [[], [site('same-origin')], [site('same-site')], [site('none')]]) {
        expect(await outcome(withCookie('GET', '/v1/whoami', headers))).toEqual([200, undefined]);
      }
      for (const value of ['cross-site', 'Cross-Site', ' cross-site ']) {
        expect(await outcome(withCookie('GET', '/v1/whoami', [site(value)]))).toEqual([
          403,
          'origin_untrusted',
        ]);
      }
    });
  });

  test('keys and tokens are no cookies: no origin matters to them', async () => {
    const { alice } = world().keys;
    for (const each of ['https://attacker.test', 'null']) {
      const headers: Fields = [['x-api-key', alice.key], origin(each), site('cross-site')];
      const reply = await world().send('/v1/records/origin', { method: 'POST', headers, json: {} });
      expect(reply.status).toBe(201);
    }
  });

  describe('Better Auth’s own checks are on', () => {
    const change = (headers: Fields) =>
      world().send('/api/auth/organization/set-active', {
        method: 'POST',
        headers: [['Cookie', world().alice.cookie()], ...headers],
        json: { organizationId: world().acme.id },
      });

    test('a cookie without an Origin, or with an untrusted one, changes nothing', async () => {
      expect(await change([])).toMatchObject({ status: 403, body: { code: 'MISSING_OR_NULL_ORIGIN' } });
      expect(await change([origin('null')])).toMatchObject({ status: 403 });
      for (const each of [
        'https://attacker.test',
        world().stack.urls.extension,
        `${world().rest}.attacker.test`,
      ]) {
        expect(await change([origin(each)])).toMatchObject({ status: 403, body: { code: 'INVALID_ORIGIN' } });
      }
    });

    test('they trust the origins the authorizer trusts', async () => {
      for (const each of trusted()) expect((await change([origin(each)])).status).toBe(200);
    });

    test('a host the client names changes neither what is trusted nor where links lead', async () => {
      const headers: Fields = [
        ['X-Forwarded-Host', 'attacker.test'],
        ['X-Forwarded-Proto', 'https'],
        ['Forwarded', 'host=attacker.test'],
        origin('https://attacker.test'),
      ];
      expect((await change(headers)).status).toBe(403);
    });
  });
}
