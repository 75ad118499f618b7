import { after, type Awaitable } from '../core/awaitable.ts';
import type { Authenticate, Authenticated, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import type { Lease } from '../core/lease.ts';
import type { Principal } from '../core/model.ts';
import { verificationKeys, type KeyRing, type RingKey } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import type { Facts } from '../store/facts.ts';
import type { SessionRow } from '../store/rows.ts';
import { isCurrent, verifyCookieCache, type CachedSession, type VerifiedCache } from './cookie-cache.ts';
import { isSignedBy, splitSignedToken, type SignedToken } from './session-cookie.ts';

/**
 * A Better Auth session. The signature of its cookie is checked before any read. A valid cookie cache then
 * says who it is, and the row is read beside the organization, so that a session deleted since is refused
 * within the facts bound; without a cache the row says who it is.
 */
export function authenticateSession(facts: Facts, secret: SecretSource): Authenticate<'session'> {
  return ({ cookies }, now, until) => {
    const signed = splitSignedToken(cookies.token);
    if (!signed) return deny('credential_malformed');
    return after<VerifiedCookies | undefined, Refusable<Authenticated>>(
      verify(secret, signed, cookies.data, now),
      (verified) => {
        if (!verified) return deny('signature_invalid');
        const { key, cache } = verified;
        return cache && isCurrent(cache, now)
          ? fromCache(facts, cache, key, now, until)
          : fromRow(facts, signed.token, key, now, until);
      },
    );
  };
}

/** What the signatures of the two cookies say. */
interface VerifiedCookies {
  /** That signed the session cookie. */
  readonly key: RingKey;
  readonly cache?: VerifiedCache;
}

/** `undefined` when no key signed the session cookie. Asks again once for a new key. */
function verify(
  secret: SecretSource,
  signed: SignedToken,
  data: string | undefined,
  now: number,
): Awaitable<VerifiedCookies | undefined> {
  const by = (ring: KeyRing) => verifiedBy(verificationKeys(ring, now), signed, data);
  return after(
    secret.current() ?? secret.ring(),
    (ring): Awaitable<VerifiedCookies | undefined> => by(ring) ?? secret.refreshed().then(by),
  );
}

function verifiedBy(
  keys: readonly RingKey[],
  signed: SignedToken,
  data: string | undefined,
): VerifiedCookies | undefined {
  const key = keys.find((each) => isSignedBy(signed, each));
  if (!key) return undefined;
  const cache = data === undefined ? undefined : verifyCookieCache(data, signed.token, keys);
  return cache ? { key, cache } : { key };
}

function fromCache(
  facts: Facts,
  { session, key, expiresAt }: VerifiedCache,
  tokenKey: RingKey,
  now: number,
  until: Lease,
): Authenticated {
  // From then on the row says who it is.
  until.endsBy(expiresAt);
  const signedWith = tokenKey === key ? [key.kid] : [tokenKey.kid, key.kid];
  return {
    principal: { ...principalOf(session), signedWith },
    standing: after<SessionRow | undefined, Refusable<Standing>>(
      facts.session(session.token, until),
      (row) => {
        if (row?.userId !== session.userId) return deny('credential_unknown');
        until.endsBy(row.expiresAt);
        return row.expiresAt <= now ? deny('credential_expired') : {};
      },
    ),
  };
}

function fromRow(
  facts: Facts,
  token: string,
  { kid }: RingKey,
  now: number,
  until: Lease,
): Awaitable<Refusable<Authenticated>> {
  return after<SessionRow | undefined, Refusable<Authenticated>>(facts.session(token, until), (row) => {
    const principal = principalOfSession(row, now);
    return 'effect' in principal ? principal : { principal: { ...principal, signedWith: [kid] } };
  });
}

/** Who a session's row says it is, as long as it lasts. @param now epoch milliseconds */
export function principalOfSession(row: SessionRow | undefined, now: number): Refusable<Principal> {
  if (!row) return deny('credential_unknown');
  return row.expiresAt <= now ? deny('credential_expired') : principalOf(row);
}

type SessionFacts = Pick<CachedSession, 'id' | 'userId' | 'expiresAt'> & {
  readonly activeOrganizationId: string | null;
  readonly createdAt: number | null;
};

const principalOf = (session: SessionFacts): Principal => ({
  owner: { kind: 'user', id: session.userId },
  credentialKind: 'session',
  credentialId: session.id,
  scopes: null,
  expiresAt: Math.floor(session.expiresAt / 1000),
  issuedAt: Math.floor((session.createdAt ?? 0) / 1000),
  ...(session.activeOrganizationId ? { organizationId: session.activeOrganizationId } : {}),
});
