import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { betterAuth } from 'better-auth';
import type { TestEngine } from '../support/engine.ts';
import { browser, testIdentity, textOf } from '../support/identity.ts';
import type { Browser, Reply } from '../support/identity.ts';

/** Better Auth as deployed, and a password reset, which needs somebody who delivers the letter. */
export interface Acceptance {
  readonly tableName: string;
  /** Of the test, past whatever stands between Better Auth and the table. */
  readonly store: DynamoDBClient;
  readonly newBrowser: () => Browser;
  /** The token of the last letter. */
  readonly resetToken: () => string;
}

export const issuer = 'http://127.0.0.1:3000';
export const password = 'correct horse battery';

/** @param client through which all goes; @param table one that is there already */
export async function accept(
  engine: TestEngine,
  client: DynamoDBClient = engine.client,
  table?: string,
): Promise<Acceptance> {
  const tableName = table ?? (await engine.createIdentityTable());
  const { auth } = await testIdentity({ ...engine, client, createIdentityTable: async () => tableName });
  let token = '';
  const resettable = betterAuth({
    ...auth.options,
    emailAndPassword: {
      ...auth.options.emailAndPassword,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async (letter) => {
        token = letter.token;
      },
      // Quick: how passwords are hashed is not asked here.
      password: {
        hash: async (text) => `hash of ${text}`,
        verify: async ({ hash, password: text }) => hash === `hash of ${text}`,
      },
    },
  });
  return {
    tableName,
    store: engine.client,
    newBrowser: () => browser(resettable, issuer),
    resetToken: () => token,
  };
}

export const join = (browse: Browser, name: string): Promise<Reply> =>
  browse('/sign-up/email', { email: `${name}@example.com`, password, name });
export const enter = (browse: Browser, name: string, secret = password): Promise<Reply> =>
  browse('/sign-in/email', { email: `${name}@example.com`, password: secret });
export const found = (browse: Browser, slug: string): Promise<Reply> =>
  browse('/organization/create', { name: slug, slug });
/** Whom the session's row, not a cookie cache, says this browser belongs to. */
export async function whoIs(browse: Browser, cookie?: string): Promise<string | undefined> {
  const { body } = await browse(
    '/get-session?disableCookieCache=true',
    undefined,
    cookie === undefined ? {} : { cookie },
  );
  const user: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'user') : undefined;
  const email: unknown = typeof user === 'object' && user !== null ? Reflect.get(user, 'email') : undefined;
  return typeof email === 'string' ? email : undefined;
}

/** Invites a guest. @returns the invitation's id */
export const invite = async (browse: Browser, organizationId: string, name: string): Promise<string> =>
  textOf(
    await browse('/organization/invite-member', {
      organizationId,
      email: `${name}@example.com`,
      role: 'member',
    }),
    'id',
  );

/** The cookies of an answer, as a browser sends them, or as somebody who copied them does. */
export const cookieOf = ({ setCookies }: Reply): string =>
  setCookies.map((line) => line.split(';')[0]).join('; ');

/** The list that a path answers with. */
export async function listed(browse: Browser, path: string): Promise<readonly unknown[]> {
  const { body } = await browse(path);
  const member = (name: string): unknown =>
    typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  const list = [body, member('members'), member('apiKeys')].find((each) => Array.isArray(each));
  return Array.isArray(list) ? list : [];
}
