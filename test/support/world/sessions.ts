import { start } from '../clock.ts';
import { compactCache, cookieHeader, signedToken } from '../cookie.ts';
import {
  acme,
  alice,
  bob,
  day,
  digest,
  globex,
  id,
  initech,
  iso,
  second,
  secretOf,
  type Row,
} from './place.ts';

const sessions = {
  alice: { userId: alice, activeOrganizationId: acme.id, expiresAt: start + day },
  aliceInGlobex: { userId: alice, activeOrganizationId: globex.id, expiresAt: start + day },
  aliceNowhere: { userId: alice, expiresAt: start + day },
  aliceInInitech: { userId: alice, activeOrganizationId: initech.id, expiresAt: start + day },
  bob: { userId: bob, activeOrganizationId: acme.id, expiresAt: start + day },
  expired: { userId: alice, activeOrganizationId: acme.id, expiresAt: start },
} as const;

type SessionName = keyof typeof sessions | 'deleted';
export const tokenOf = (name: SessionName): string => id(`Session${name}`);
export const sessionIdOf = (name: SessionName): string => id(`SessionId${name}`);

const sessionRow = ([name, session]: [
  string,
  { readonly userId: string; readonly expiresAt: number },
]): Row => ({
  pk: `session#${digest(id(`Session${name}`))}`,
  sk: '#',
  id: id(`SessionId${name}`),
  token: id(`Session${name}`),
  ...session,
  expiresAt: iso(session.expiresAt),
  createdAt: iso(start - day),
  updatedAt: iso(start - day),
});
export const sessionRows = Object.entries(sessions).map(sessionRow);

export const cookieNames = {
  token: '__Secure-better-auth-session',
  data: '__Secure-better-auth.session_data',
};

/** A Cookie header with a session's signed token. */
export const cookieOf = (name: SessionName, kid = 'session-signing'): string =>
  cookieHeader({ [cookieNames.token]: signedToken(tokenOf(name), secretOf(kid)) });

/** … and with a cookie cache. @param given what the cache says otherwise than the row */
export function cachedCookieOf(
  name: SessionName,
  given: {
    readonly session?: object;
    readonly expiresAt?: number;
    readonly kid?: string;
    readonly of?: SessionName;
  } = {},
): string {
  const cached = given.of ?? name;
  const known = cached === 'deleted' ? sessions.alice : sessions[cached];
  const session = {
    session: {
      id: sessionIdOf(cached),
      token: tokenOf(cached),
      ...known,
      expiresAt: iso(known.expiresAt),
      createdAt: iso(start - day),
      ...given.session,
    },
    user: { id: known.userId },
    updatedAt: start - second,
    version: '1',
  };
  const secret = secretOf(given.kid ?? 'session-signing');
  return cookieHeader({
    [cookieNames.token]: signedToken(tokenOf(name), secret),
    [cookieNames.data]: compactCache(session, given.expiresAt ?? start + 60 * second, secret),
  });
}
