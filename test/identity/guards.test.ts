import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { signUp, testIdentity, type Reply } from '../support/identity.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

const credentials = { email: 'somebody@example.com', password: 'not the password' };

async function attempts(
  count: number,
  attempt: (index: number) => Promise<Reply>,
): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await attempt(index)).status);
  return statuses;
}

describe("Better Auth's CSRF and origin checks", () => {
  test.each(['test', 'production', 'development'])('are on whatever NODE_ENV says: %s', async (mode) => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = mode;
    try {
      const identity = await testIdentity(engine);
      const browse = identity.browser();
      await signUp(browse, 'somebody@example.com');
      expect((await browse('/sign-out', {}, { origin: 'https://evil.example' })).status).toBe(403);
      expect((await browse('/sign-out', {}, { origin: 'null' })).status).toBe(403);
      expect((await browse('/sign-out', {})).status).toBe(200);
    } finally {
      process.env['NODE_ENV'] = before;
    }
  });

  test('trust exactly the origins the authorizer trusts, wildcards too', async () => {
    const identity = await testIdentity(engine, { TRUSTED_ORIGINS: 'https://*.example.com' });
    const signIn = (origin: string) =>
      identity.browser(origin)('/sign-in/email', credentials, { cookie: 'a=b' });
    expect((await signIn('https://a.b.example.com')).status).toBe(401);
    expect((await signIn('https://evil.test/.example.com')).status).toBe(403);
    expect((await signIn('https://example.com')).status).toBe(403);
  });
});

describe('the rate limiter', () => {
  const production = { STAGE: 'production', BETTER_AUTH_URL: 'https://crm.example.com' };
  const from = (address: string) => ({ 'x-crm-source-address': address });

  test('refuses the fourth sign-in of ten seconds from one address, not from another', async () => {
    const identity = await testIdentity(engine, production);
    const browse = identity.browser();
    const statuses = await attempts(4, () => browse('/sign-in/email', credentials, from('192.0.2.1')));
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await browse('/sign-in/email', credentials, from('192.0.2.2'))).status).toBe(401);
  });

  test('is not evaded by a header of the client', async () => {
    const identity = await testIdentity(engine, production);
    const browse = identity.browser();
    const statuses = await attempts(4, (index) =>
      browse('/sign-in/email', credentials, {
        ...from('192.0.2.1'),
        'x-forwarded-for': `198.51.100.${index}`,
      }),
    );
    expect(statuses.at(-1)).toBe(429);
  });

  test('is shared by every process: it counts in the table', async () => {
    const identity = await testIdentity(engine, production);
    await attempts(3, () => identity.browser()('/sign-in/email', credentials, from('192.0.2.1')));
    expect(await identity.table.query('rateLimit#192.0.2.1|/sign-in/email')).toHaveLength(1);
  });

  test('is off in development', async () => {
    const identity = await testIdentity(engine);
    const browse = identity.browser();
    const statuses = await attempts(6, () => browse('/sign-in/email', credentials, from('192.0.2.1')));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401]);
  });
});
