import { apiKey } from '@better-auth/api-key';
import { memoryAdapter } from '@better-auth/memory-adapter';
import { betterAuth } from 'better-auth';
import { organization } from 'better-auth/plugins';
import { createHash } from 'node:crypto';
import { betterAuthUrl } from './world.ts';

const url = betterAuthUrl;
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

type Stored = Record<string, unknown>;
type Database = Record<string, Stored[]>;

/** Dates as the identity table's adapter writes them, and nothing for null. */
const attributes = (row: Stored): Stored =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );

/** Where a row of each model stands in the identity table. */
const keysOf: Readonly<Record<string, (row: Stored) => { pk: string; sk: string }>> = {
  session: ({ token }) => ({ pk: `session#${digest(String(token))}`, sk: '#' }),
  organization: ({ id }) => ({ pk: `organization#${String(id)}`, sk: '#' }),
  member: ({ userId, organizationId }) => ({
    pk: `member.userId#${String(userId)}`,
    sk: String(organizationId),
  }),
  apikey: ({ key }) => ({ pk: `apikey#${String(key)}`, sk: '#' }),
};

/** Better Auth itself on its memory adapter: the oracle, and the one that makes real cookies and keys. */
export function oracle(secret: string, strategy: 'compact' | 'jwt' = 'compact', userFields: object = {}) {
  const database: Database = {
    user: [],
    session: [],
    account: [],
    verification: [],
    organization: [],
    member: [],
    invitation: [],
    apikey: [],
  };
  const auth = betterAuth({
    secret,
    baseURL: url,
    database: memoryAdapter(database),
    emailAndPassword: { enabled: true, autoSignIn: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    session: { cookieCache: { enabled: true, maxAge: 300, strategy } },
    user: { additionalFields: { note: { type: 'string', required: false }, ...userFields } },
    advanced: { cookies: { session_token: { name: 'better-auth-session' } } },
    plugins: [
      organization(),
      apiKey([
        { configId: 'default', rateLimit: { enabled: false }, enableMetadata: true },
        { configId: 'organization', references: 'organization', rateLimit: { enabled: false } },
      ]),
    ],
  });

  const send = async (method: string, path: string, cookie = '', body?: object) => {
    const headers = { 'content-type': 'application/json', origin: url, ...(cookie ? { cookie } : {}) };
    const request = new Request(`${url}/api/auth${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const response = await auth.handler(request);
    return {
      status: response.status,
      body: await response.text(),
      cookie: merge(cookie, response.headers.getSetCookie()),
    };
  };

  return {
    auth,
    database,
    send,
    /** Signs up somebody who makes an organization, and has cookies that know of it. */
    async signUp(name: string, fields: object = {}) {
      const signedUp = await send('POST', '/sign-up/email', '', {
        name,
        email: `${name}@example.com`,
        password: 'correct horse',
        ...fields,
      });
      const created = await send('POST', '/organization/create', signedUp.cookie, { name, slug: name });
      const id = String(Object(JSON.parse(created.body))['id']);
      const active = await send('POST', '/organization/set-active', created.cookie, { organizationId: id });
      return {
        cookie: active.cookie,
        organizationId: id,
        userId: String(database['member']?.at(-1)?.['userId']),
      };
    },
    /** Its rows in the layout of the identity table. */
    rows: () =>
      Object.entries(database).flatMap(([model, stored]) =>
        stored.flatMap((row) => {
          const key = keysOf[model]?.(row);
          return key ? [{ ...attributes(row), ...key }] : [];
        }),
      ),
  };
}

/** A browser's cookie jar, for one site. */
function merge(cookie: string, set: readonly string[]): string {
  const jar = new Map(
    cookie
      .split('; ')
      .filter(Boolean)
      .map((pair): [string, string] => [pair.slice(0, pair.indexOf('=')), pair]),
  );
  for (const each of set) {
    const [pair = '', ...rest] = each.split('; ');
    const name = pair.slice(0, pair.indexOf('='));
    if (rest.some((attribute) => /^max-age=0$/i.test(attribute))) jar.delete(name);
    else jar.set(name, pair);
  }
  return [...jar.values()].join('; ');
}
