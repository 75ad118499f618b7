import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { put, type TestAuthorizer } from '../support/authorizer.ts';
import { signedToken } from '../support/cookie.ts';
import { acme, globex, initech } from '../support/world.ts';
import { digest } from '../support/world/place.ts';
import type { Database, Oracle, Row } from './better-auth.ts';
import { cacheCookies } from './cache-cookies.ts';
import { tokenCookies, type Secrets } from './cookies.ts';
import type { SessionFacts } from './expected-session.ts';
import type { SessionCase, SessionChange } from './session-case.ts';

/** One session in both stores, and the cookies that are presented. */
export interface SessionLife {
  readonly cookie: string;
  readonly id: string;
  readonly userId: string;
  /** What the test did, and so knows, now. */
  readonly facts: () => Omit<SessionFacts, 'now'>;
  change(change: SessionChange, now: number): Promise<void>;
  /** Writes to the table what Better Auth wrote. @returns whether it did */
  mirror(): Promise<boolean>;
}

let count = 0;
const week = 7 * 24 * 3600 * 1000;

/** @param now epoch milliseconds */
export async function sessionLife(
  given: SessionCase,
  oracle: Oracle,
  database: Database,
  world: TestAuthorizer,
  secrets: Secrets,
  now: number,
): Promise<SessionLife> {
  count += 1;
  const named = (kind: string): string => `${kind}${String(count).padStart(32 - kind.length, '0')}`;
  const [id, token, userId] = [named('Session'), named('Token'), named('User')];
  const active = { member: acme.id, stranger: initech.id, none: null }[given.organization];
  const dates = { createdAt: new Date(now), updatedAt: new Date(now) };
  const user: Row = {
    id: userId,
    name: 'Somebody',
    email: `${userId}@example.com`.toLowerCase(),
    emailVerified: true,
    note: 'n'.repeat(given.note),
    ...dates,
  };
  const session: Row = {
    id,
    token,
    userId,
    activeOrganizationId: active,
    expiresAt: new Date(now + week),
    ipAddress: '',
    userAgent: '',
    ...dates,
  };
  database['user']?.splice(0, Infinity, user);
  database['session']?.splice(0, Infinity, session);

  const prefix = given.secure ? '__Secure-' : '';
  const name = `${prefix}better-auth-session`;
  const presented = tokenCookies(
    given,
    name,
    `${given.secure ? '' : '__Secure-'}better-auth-session`,
    token,
    secrets,
  );
  const cache = await cacheCookies(given, oracle, `${prefix}better-auth.session_data`, now, {
    session,
    user,
    ask: `${name}=${encodeURIComponent(signedToken(token, secrets.signing))}`,
    secrets,
  });
  // Only now, so that Better Auth made its cache of a session that is as new as any.
  session['expiresAt'] = new Date(now + given.life);
  const cookie = [...presented.pairs, ...cache.pairs].join('; ');

  const { client } = world.engine;
  const memberOf = new Set<string>([acme.id, globex.id]);
  const member = (organizationId: string): Row => ({
    pk: `member.userId#${userId}`,
    sk: organizationId,
    id: `${organizationId.slice(0, 9)}${count}`,
    userId,
    organizationId,
    role: 'member',
    createdAt: new Date(now).toISOString(),
  });
  const rowKey = { pk: `session#${digest(token)}`, sk: '#' };
  const row = (): Row | undefined => database['session']?.find((each) => each['id'] === id);
  const store = async (besides: readonly Row[] = []): Promise<void> => {
    const stored = row();
    await put(client, world.table, [...(stored ? [{ ...itemOf(stored), ...rowKey }] : []), ...besides]);
  };
  const remove = (key: { readonly pk: string; readonly sk: string }) =>
    client.send(new DeleteItemCommand({ TableName: world.table, Key: marshall(key) }));
  const revocation = { pk: `revocation#user#${userId}`, sk: '#', minIssuedAt: Math.floor(now / 1000) + 1 };
  await store([...[...memberOf].map(member), ...(given.revoked ? [revocation] : [])]);
  let stored = expiryOf(row());

  return {
    cookie,
    id,
    userId,
    facts: () => ({
      token: given.token,
      origin: given.origin,
      revoked: given.revoked,
      bytes: Buffer.byteLength(cookie),
      cacheState: given.cache,
      memberOf: new Set(memberOf),
      ...(presented.refusal === undefined ? {} : { refusal: presented.refusal }),
      ...(cache.facts ? { cache: cache.facts } : {}),
      ...rowFacts(row()),
    }),
    async change(change, at) {
      const stands = row();
      if (change === 'leave') {
        memberOf.delete(acme.id);
        await remove({ pk: `member.userId#${userId}`, sk: acme.id });
        return;
      }
      if (change === 'delete') {
        database['session']?.splice(0);
        await remove(rowKey);
      } else if (stands) {
        if (change === 'shorten') stands['expiresAt'] = new Date(at - 1);
        else stands['activeOrganizationId'] = globex.id;
        await store();
      }
      stored = expiryOf(row());
    },
    async mirror() {
      const theirs = expiryOf(row());
      if (theirs === stored) return false;
      stored = theirs;
      if (theirs === undefined) await remove(rowKey);
      else await store();
      return true;
    },
  };
}

const expiryOf = (row: Row | undefined): number | undefined =>
  row?.['expiresAt'] instanceof Date ? row['expiresAt'].getTime() : undefined;

function rowFacts(row: Row | undefined): Pick<SessionFacts, 'row'> {
  const expiresAt = expiryOf(row);
  if (!row || expiresAt === undefined) return {};
  const active = row['activeOrganizationId'];
  return { row: { expiresAt, organizationId: typeof active === 'string' ? active : null } };
}

/** In the layout of the identity table. */
const itemOf = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
