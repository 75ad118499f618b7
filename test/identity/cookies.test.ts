import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { signUp, testIdentity } from '../support/identity.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

/** Attributes of a cookie that sign-up sets, lower-cased, by its name. */
async function cookiesOf(
  environment: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const identity = await testIdentity(engine, environment);
  const { setCookies } = await signUp(identity.browser(), 'somebody@example.com');
  return new Map(
    setCookies.map((cookie) => {
      const [pair = '', ...attributes] = cookie.split('; ');
      return [pair.slice(0, pair.indexOf('=')), attributes.map((each) => each.toLowerCase())];
    }),
  );
}

const production = { STAGE: 'production', BETTER_AUTH_URL: 'https://api.crm.selegic.com' };

describe('session cookies', () => {
  test('are shared by the sibling domains of a production CRM, over https alone, and unreadable to pages', async () => {
    const cookies = await cookiesOf(production);
    expect([...cookies.keys()].sort()).toEqual([
      '__Secure-better-auth-session',
      '__Secure-better-auth.session_data',
    ]);
    for (const attributes of cookies.values()) {
      expect(attributes).toEqual(
        expect.arrayContaining(['secure', 'httponly', 'samesite=none', 'domain=.crm.selegic.com', 'path=/']),
      );
    }
  });

  test('stay on their host in development, and are not sent across sites', async () => {
    const cookies = await cookiesOf({});
    expect([...cookies.keys()].sort()).toEqual(['better-auth-session', 'better-auth.session_data']);
    for (const attributes of cookies.values()) {
      expect(attributes).toEqual(expect.arrayContaining(['httponly', 'samesite=lax', 'path=/']));
      expect(attributes.join()).not.toMatch(/domain=|secure/);
    }
  });

  test('take the domain that COOKIE_DOMAIN names', async () => {
    const cookies = await cookiesOf({ ...production, COOKIE_DOMAIN: '.selegic.com' });
    for (const attributes of cookies.values()) expect(attributes).toContain('domain=.selegic.com');
  });

  test('live as long as a session, and their cache five minutes', async () => {
    const cookies = await cookiesOf({});
    expect(cookies.get('better-auth-session')).toContain(`max-age=${7 * 24 * 3600}`);
    expect(cookies.get('better-auth.session_data')).toContain('max-age=300');
  });
});
