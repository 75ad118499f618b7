import { apiKey } from '@better-auth/api-key';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { betterAuth } from 'better-auth';
import { organization } from 'better-auth/plugins';
import { readFile } from 'node:fs/promises';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { everyItem, everyKey } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
let auth: ReturnType<typeof createAuth>;
const requests: string[] = [];
let resetToken = '';

function createAuth() {
  return betterAuth({
    baseURL: 'http://127.0.0.1:3000',
    secret: 'a secret of thirty-two characters or more',
    logger: { disabled: true },
    user: { deleteUser: { enabled: true } },
    emailAndPassword: {
      enabled: true,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ token }) => {
        resetToken = token;
      },
      password: {
        hash: async (password) => `hash of ${password}`,
        verify: async ({ hash, password }) => hash === `hash of ${password}`,
      },
    },
    verification: { disableCleanup: true },
    database: dynamodbAdapter({
      client: engine.client,
      tableName,
      layout: identityLayout,
      observe: ({ operation }) => requests.push(operation),
    }),
    plugins: [organization(), apiKey({ rateLimit: { enabled: false } })],
  });
}

beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  auth = createAuth();
  requests.length = 0;
});

const password = 'correct horse';
const withCookies = (answered: Headers): Headers =>
  new Headers({
    cookie: answered
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; '),
  });

async function signUp(email: string): Promise<{ headers: Headers; email: string; userId: string }> {
  const { headers, response } = await auth.api.signUpEmail({
    body: { email, password, name: 'Person' },
    returnHeaders: true,
  });
  return { headers: withCookies(headers), email, userId: response.user.id };
}

async function createOrganization(headers: Headers, slug: string): Promise<string> {
  const created = await auth.api.createOrganization({ headers, body: { name: 'Acme', slug } });
  if (created === null) throw new Error('no organization');
  return created.id;
}

/** The table of the README: flows and their requests, two pairs to a line. */
async function documented(): Promise<Record<string, number>> {
  const readme = await readFile('lambda/identity/adapter/README.md', 'utf8');
  const table = readme.slice(readme.indexOf('## Requests per flow'), readme.indexOf('## Tests'));
  const pairs = table.matchAll(/\| ([a-z ]+?) \| (\d+) (?=\|)/g);
  return Object.fromEntries([...pairs].map(([, flow = '', count]) => [flow, Number(count)]));
}

describe('a flow of Better Auth', () => {
  test('asks DynamoDB as often as the README says, and never scans', async () => {
    const counts: Record<string, number> = {};
    const all: string[] = [];
    const counting = async <T>(flow: string, work: Promise<T>): Promise<T> => {
      const result = await work;
      counts[flow] = requests.length;
      all.push(...requests.splice(0));
      return result;
    };
    const owner = await counting('sign up', signUp('owner@example.com'));
    await counting('sign in', auth.api.signInEmail({ body: { email: owner.email, password } }));
    const { headers } = owner;
    expect(await counting('get session', auth.api.getSession({ headers }))).toMatchObject({
      user: { id: owner.userId },
    });
    const organizationId = await counting('create organization', createOrganization(headers, 'acme'));
    await counting(
      'set active organization',
      auth.api.setActiveOrganization({ headers, body: { organizationId } }),
    );
    await counting('list members', auth.api.listMembers({ headers }));
    const key = await counting('create key', auth.api.createApiKey({ headers, body: { name: 'key' } }));
    expect(await counting('verify key', auth.api.verifyApiKey({ body: { key: key.key } }))).toMatchObject({
      valid: true,
    });
    const limited = await auth.api.createApiKey({
      body: { name: 'limited', userId: owner.userId, remaining: 5 },
    });
    requests.length = 0;
    expect(
      await counting('verify limited key', auth.api.verifyApiKey({ body: { key: limited.key } })),
    ).toMatchObject({ valid: true });
    expect(await counting('list keys', auth.api.listApiKeys({ headers }))).toMatchObject({ total: 2 });
    await counting('delete key', auth.api.deleteApiKey({ headers, body: { keyId: key.id } }));
    await counting('delete organization', auth.api.deleteOrganization({ headers, body: { organizationId } }));
    await counting('sign out', auth.api.signOut({ headers }));
    expect(counts).toEqual(await documented());
    expect(all).not.toContain('Scan');
  });

  test('that resets a password ends every older session, and its token works once', async () => {
    const { headers, email } = await signUp('reset@example.com');
    const other = await auth.api.signInEmail({ body: { email, password }, returnHeaders: true });
    await auth.api.requestPasswordReset({ body: { email, redirectTo: 'http://127.0.0.1:3000/' } });
    const reset = () =>
      auth.api.resetPassword({ body: { token: resetToken, newPassword: 'battery staple' } });
    const [first, second] = await Promise.allSettled([reset(), reset()]);
    expect([first?.status, second?.status].filter((status) => status === 'fulfilled')).toHaveLength(1);
    for (const each of [headers, withCookies(other.headers)])
      expect(await auth.api.getSession({ headers: each })).toBeNull();
    await auth.api.signInEmail({ body: { email, password: 'battery staple' } });
    expect(
      JSON.stringify((await everyItem(engine.client, tableName)).map(({ pk, sk }) => [pk, sk])),
    ).not.toContain(resetToken);
  });

  test('that accepts an invitation makes one member, also when it is accepted twice at once', async () => {
    const owner = await signUp('owner@example.com');
    const organizationId = await createOrganization(owner.headers, 'acme');
    const guest = await signUp('guest@example.com');
    const invitation = await auth.api.createInvitation({
      headers: owner.headers,
      body: { email: guest.email, role: 'member', organizationId },
    });
    const accept = () =>
      auth.api.acceptInvitation({ headers: guest.headers, body: { invitationId: invitation.id } });
    const results = await Promise.allSettled([accept(), accept()]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { members } = await auth.api.listMembers({ headers: owner.headers, query: { organizationId } });
    expect(members.map(({ userId }) => userId)).toContain(guest.userId);
    expect(members).toHaveLength(2);
  });

  test('that deletes a user leaves nothing of theirs, keys and memberships included', async () => {
    const owner = await signUp('owner@example.com');
    const organizationId = await createOrganization(owner.headers, 'acme');
    const before = await everyKey(engine.client, tableName);
    const guest = await signUp('guest@example.com');
    await auth.api.addMember({ body: { organizationId, userId: guest.userId, role: 'member' } });
    await auth.api.createApiKey({ headers: guest.headers, body: { name: 'key' } });
    await auth.api.deleteUser({ headers: guest.headers, body: { password } });
    expect(await everyKey(engine.client, tableName)).toEqual(before);
  });

  test('meets a taken slug with a 4xx, however late it is noticed', async () => {
    const { headers } = await signUp('owner@example.com');
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => createOrganization(headers, 'acme')),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status !== 'rejected') continue;
      expect(result.reason.statusCode).toBeGreaterThanOrEqual(400);
      expect(result.reason.statusCode).toBeLessThan(500);
    }
  });
});
