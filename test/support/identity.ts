import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { createAuth, type Auth } from '../../lambda/identity/auth.ts';
import { removeInstallations } from '../../lambda/identity/installations.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { liveSession, type IsLive } from '../../lambda/identity/live-session.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { facts } from '../../lambda/store/facts.ts';
import { noteOrganization } from '../../lambda/store/key-organization.ts';
import { identityTable, type IdentityTable } from '../../lambda/store/identity-table.ts';
import { revocations } from '../../lambda/store/revocations.ts';
import type { TestEngine } from './engine.ts';

export interface TestIdentity {
  readonly auth: Auth;
  /** The same under another secret. */
  readonly under: (secret: string) => Auth;
  readonly isLive: IsLive;
  readonly table: IdentityTable;
  readonly tableName: string;
  /** A browser with a cookie jar of its own, on pages of `origin`. */
  readonly browser: (origin?: string) => Browser;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly setCookies: readonly string[];
}

export type Browser = (
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<Reply>;

export const identitySecret = 'a secret of at least thirty-two characters';

/** Better Auth as deployed with this environment, on a table of its own. */
export async function testIdentity(
  engine: TestEngine,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestIdentity> {
  const tableName = await engine.createIdentityTable();
  const config = readConfig({
    STAGE: 'dev',
    BETTER_AUTH_URL: 'http://127.0.0.1:3000',
    AUTH_TABLE_NAME: tableName,
    ...environment,
  });
  const table = identityTable(engine.client, tableName, (call) => call());
  const under = (secret: string): Auth =>
    createAuth({
      config,
      database: dynamodbAdapter({ client: engine.client, tableName, layout: identityLayout }),
      facts: facts(table, 0, Date.now),
      removeInstallations: removeInstallations(engine.client, tableName, table),
      noteOrganization: noteOrganization(engine.client, tableName),
      secret,
    });
  const auth = under(identitySecret);
  return {
    auth,
    under,
    isLive: liveSession(table, revocations(table, 0, Date.now), 0, Date.now),
    table,
    tableName,
    browser: (origin = config.issuer) => browser(auth, config.issuer, origin),
  };
}

/** A browser with a cookie jar of its own, on pages of `origin`. */
export function browser(auth: Pick<Auth, 'handler'>, issuer: string, origin = issuer): Browser {
  const jar = new Map<string, string>();
  return async (path, body, headers = {}) => {
    const response = await auth.handler(
      new Request(`${issuer}/api/auth${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          'content-type': 'application/json',
          ...(origin === '' ? {} : { origin }),
          cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
          ...headers,
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    );
    const setCookies = response.headers.getSetCookie();
    for (const cookie of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), setCookies };
  };
}

/** Signs a new person up, in this browser. */
export const signUp = (browse: Browser, email: string): Promise<Reply> =>
  browse('/sign-up/email', { email, password: 'correct horse battery', name: 'Somebody' });

/** A member of a reply's body that must be text. */
export function textOf({ body }: Reply, name: string): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  if (typeof value !== 'string') throw new Error(`The reply has no ${name}: ${JSON.stringify(body)}`);
  return value;
}
