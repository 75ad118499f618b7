import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { LocalStack } from '../../../local/stack.ts';
import { send, textOf } from '../harness/http.ts';
import type { Fields, Reply } from '../harness/http.ts';
import { signUp } from '../harness/person.ts';
import type { Person } from '../harness/person.ts';
import { createKey, found, installation, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

const url = 'https://api.crm.selegic.com';
const tokenName = '__Secure-better-auth-session';

/** The same template under the configuration of production: another stage, https, pages on sibling domains. */
export function deployedTests(world: () => World): void {
  describe('in production', () => {
    let stack: LocalStack;
    let hugo: Person;
    beforeAll(async () => {
      const TRUSTED_ORIGINS = 'https://crm.selegic.com,https://*.example.com';
      stack = await world().another({ STAGE: 'production', BETTER_AUTH_URL: url, TRUSTED_ORIGINS });
      hugo = await signUp(stack.urls.rest, url, 'hugo');
      await found(hugo, 'hugo');
    }, 60_000);
    afterAll(() => stack?.stop());
    const whoami = (headers: Fields): Promise<Reply> => send(stack.urls.rest, '/v1/whoami', { headers });
    const session = (): string => `${tokenName}=${hugo.cookieNamed(tokenName)}`;

    test('cookies are __Secure-, Secure, HttpOnly, SameSite=None, for the domain pages and API share', async () => {
      const { email, password } = hugo;
      const reply = await send(stack.urls.rest, '/api/auth/sign-in/email', {
        method: 'POST',
        headers: [['Origin', url]],
        json: { email, password },
      });
      const set = reply.header('set-cookie');
      expect(set.map((each) => each.slice(0, each.indexOf('='))).toSorted()).toEqual(
        [tokenName, '__Secure-better-auth.session_data'].toSorted(),
      );
      for (const each of set) {
        for (const attribute of ['Secure', 'HttpOnly', 'SameSite=None', 'Domain=.crm.selegic.com']) {
          expect(each.toLowerCase()).toContain(`; ${attribute.toLowerCase()}`);
        }
      }
    });

    test('only the __Secure- names are read', async () => {
      expect((await whoami([['Cookie', session()]])).status).toBe(200);
      for (const name of [
        'better-auth-session',
        '__Host-better-auth-session',
        ' \u00a0__Secure-better-auth-session',
      ]) {
        expect((await whoami([['Cookie', session().replace(tokenName, name)]])).status).toBe(401);
      }
      // A bare one beside it, from a page of a sibling domain, changes nothing.
      expect((await whoami([['Cookie', `better-auth-session=x; ${session()}`]])).status).toBe(200);
    });

    test('keys are crm_live_, and one of a test stage is unknown', async () => {
      const { key } = await createKey(hugo);
      expect(key).toMatch(/^crm_live_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
      expect((await whoami([['x-api-key', key]])).status).toBe(200);
      expect((await whoami([['x-api-key', world().keys.alice.key]])).status).toBe(401);
    });

    test('one matcher of origins serves sessions, CORS and Better Auth, wildcards included', async () => {
      const path = '/v1/extensions/any/installation';
      const outcomes = async (origin: string): Promise<readonly unknown[]> => {
        const headers: Fields = [
          ['Cookie', hugo.cookie()],
          ['Origin', origin],
        ];
        const at = (to: string, method: string, json?: unknown) =>
          send(stack.urls.rest, to, { method, headers, ...(json !== undefined && { json }) });
        const put = await at(path, 'PUT', installation);
        const preflight = await at(path, 'OPTIONS');
        const own = await at('/api/auth/organization/set-active', 'POST', { organizationSlug: 'hugo' });
        return [put.status, preflight.header('access-control-allow-origin').join(), own.status];
      };
      for (const origin of [
        url,
        'https://crm.selegic.com',
        'https://a.example.com',
        'https://a.b.example.com',
      ]) {
        expect(await outcomes(origin)).toEqual([200, origin, 200]);
      }
      for (const origin of [
        'https://example.com',
        'http://a.example.com',
        'https://a.example.com:8443',
        'https://example.com.attacker.test',
        'https://attacker.test/.example.com',
        'https://aexample.com',
        'https://.example.com',
        'https://*.example.com',
        'https://selegic.com',
        'https://x.crm.selegic.com',
        'null',
        'http://127.0.0.1',
        stack.urls.rest,
      ]) {
        expect([origin, ...(await outcomes(origin))]).toEqual([origin, 403, '', 403]);
      }
    });

    test('tokens are issued by the origin of BETTER_AUTH_URL, wherever it was called', async () => {
      await mustBe(200, hugo.ask('/v1/extensions/any/installation', { method: 'PUT', json: installation }));
      const minted = textOf(await mustBe(201, hugo.post('/v1/extensions/any/token', {})), 'token');
      expect(decodeJwt(minted).iss).toBe(url);
      expect((await whoami([['Authorization', `Bearer ${minted}`]])).status).toBe(200);
    });

    test('Better Auth’s rate limiter is on, by the source address and by nothing the client says', async () => {
      const attempt = (index: number): Promise<Reply> =>
        send(stack.urls.rest, '/api/auth/sign-in/email', {
          method: 'POST',
          headers: [
            ['Origin', url],
            ['X-Forwarded-For', `192.0.2.${index}`],
            ['X-CRM-Source-Address', `192.0.2.${index}`],
          ],
          json: { email: 'nobody@people.test', password: 'not the password' },
        });
      const statuses: number[] = [];
      for (let index = 0; index < 8; index += 1) statuses.push((await attempt(index)).status);
      expect(statuses).toContain(429);
      expect(new Set(statuses)).toEqual(new Set([401, 429]));
    });
  });

  test('in development the rate limiter is off', async () => {
    const { rest, send: ask } = world();
    const json = { email: 'nobody@people.test', password: 'not the password' };
    const attempts = Array.from({ length: 8 }, () =>
      ask('/api/auth/sign-in/email', { method: 'POST', headers: [['Origin', rest]], json }),
    );
    expect(new Set((await Promise.all(attempts)).map(({ status }) => status))).toEqual(new Set([401]));
  });
}
