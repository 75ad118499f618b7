import { apiKey } from '@better-auth/api-key';
import { memoryAdapter } from '@better-auth/memory-adapter';
import { betterAuth } from 'better-auth';
import { isAPIError } from 'better-auth/api';
import { organization } from 'better-auth/plugins';

export type Strategy = 'compact' | 'jwt';
export type Row = Record<string, unknown>;
export type Database = Record<string, Row[]>;

export const emptyDatabase = (): Database => ({
  user: [],
  session: [],
  account: [],
  verification: [],
  organization: [],
  member: [],
  invitation: [],
  apikey: [],
});

/** What `verifyApiKey` says: whose key it is, or the code of its error. */
export type KeyVerdict =
  | { readonly valid: true; readonly id: string; readonly ownerId: string }
  | { readonly valid: false; readonly code: string };

/** What `getSession` says of a Cookie header: a session, `null` for none, or nothing (500). */
export type SessionVerdict =
  { readonly id: string; readonly userId: string; readonly organizationId: string | null } | null | 'failure';

/**
 * Better Auth itself, on its own memory adapter: the oracle. Nothing here, and nothing it imports, is the product's
 * (`independence.test.ts`). It reads the clock of the machine, which `machine-clock.ts` moves.
 */
export function betterAuthOracle(database: Database, secret: string, url: string, strategy: Strategy) {
  const auth = betterAuth({
    secret,
    baseURL: url,
    database: memoryAdapter(database),
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    session: { expiresIn: week, updateAge: day, cookieCache: { enabled: true, maxAge: 300, strategy } },
    user: { additionalFields: { note: { type: 'string', required: false } } },
    advanced: { cookies: { session_token: { name: 'better-auth-session' } } },
    plugins: [
      organization(),
      apiKey([
        { configId: 'default', rateLimit: { enabled: true } },
        { configId: 'short', defaultKeyLength: 16, rateLimit: { enabled: true } },
        { configId: 'organization', references: 'organization', rateLimit: { enabled: true } },
      ]),
    ],
  });
  return {
    /** A key of its own generator, and the row it stored. */
    async makeKey(configId: 'default' | 'short', prefix?: string): Promise<{ key: string; row: Row }> {
      const { key } = await auth.api.createApiKey({
        body: { userId: 'oracle', configId, ...(prefix === undefined ? {} : { prefix }) },
      });
      const row = database['apikey']?.at(-1);
      if (!row) throw new Error('Better Auth stored no key');
      return { key, row };
    },
    async verifyKey(key: string, permissions?: Record<string, string[]>): Promise<KeyVerdict> {
      const {
        valid,
        error,
        key: found,
      } = await auth.api.verifyApiKey({
        body: { key, ...(permissions ? { permissions } : {}) },
      });
      return valid && found
        ? { valid: true, id: found.id, ownerId: found.referenceId }
        : { valid: false, code: String(error?.code) };
    },
    /** @param refresh whether reading may prolong the session, as it does over HTTP */
    async getSession(cookie: string, refresh: boolean): Promise<SessionVerdict> {
      const found = await auth.api
        .getSession({
          headers: new Headers({ cookie }),
          ...(refresh ? {} : { query: { disableRefresh: true } }),
        })
        .catch(failure);
      if (!found || found === 'failure') return found;
      const { id, userId, activeOrganizationId } = found.session;
      return { id, userId, organizationId: activeOrganizationId ?? null };
    },
    /** The cookie cache it makes of a session, in as many pairs as it splits it into. */
    async cacheOf(cookie: string): Promise<readonly string[]> {
      const { headers } = await auth.api.getSession({
        headers: new Headers({ cookie }),
        returnHeaders: true,
      });
      return headers
        .getSetCookie()
        .filter((line) => line.includes('session_data') && !/max-age=0/i.test(line))
        .map((line) => line.split('; ')[0] ?? '');
    },
  };
}

function failure(error: unknown): 'failure' {
  if (isAPIError(error) && error.statusCode === 500) return 'failure';
  throw error;
}

/** Seconds. */
const day = 24 * 3600;
const week = 7 * day;

export type Oracle = ReturnType<typeof betterAuthOracle>;
