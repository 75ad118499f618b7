import type { Authenticate, Authenticated, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import type { Principal } from '../core/model.ts';
import { verificationKeys, type RingKey } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import type { Facts } from '../store/facts.ts';
import type { SessionRow } from '../store/rows.ts';
import { isCurrent, verifyCookieCache, type CachedSession, type VerifiedCache } from './cookie-cache.ts';
import { remembered } from './remembered.ts';
import { isSignedBy, splitSignedToken, type SignedToken } from './session-cookie.ts';

/**
 * A Better Auth session. The signature of its cookie is checked before any read. A valid cookie cache then
 * says who it is, and the row is read beside the organization, so that a session deleted since is refused
 * within the facts bound; without a cache the row says who it is.
 */
export function authenticateSession(facts: Facts, secret: SecretSource): Authenticate<'session'> {
  const known = remembered<VerifiedCookies>();
  return async ({ cookies }, now) => {
    const presented = `${cookies.token}\n${cookies.data ?? ''}`;
    let verified = await known.get(presented, secret.ring, now);
    if (!verified) {
      const signed = splitSignedToken(cookies.token);
      if (!signed) return deny('credential_malformed');
      verified = await verify(secret, signed, cookies.data, now);
      if (!verified) return deny('signature_invalid');
      known.put(presented, verified, verified.cache ? [verified.key, verified.cache.key] : [verified.key]);
    }
    const { token, key, cache } = verified;
    return cache && isCurrent(cache, now)
      ? fromCache(facts, cache, key, now)
      : fromRow(facts, token, key, now);
  };
}

/** What the signatures of the two cookies say. Whether it still holds is asked every time. */
interface VerifiedCookies {
  readonly token: string;
  /** That signed the session cookie. */
  readonly key: RingKey;
  readonly cache?: VerifiedCache;
}

/** `undefined` when no key signed the session cookie. Asks again once for a new key. */
async function verify(
  secret: SecretSource,
  signed: SignedToken,
  data: string | undefined,
  now: number,
): Promise<VerifiedCookies | undefined> {
  return (
    verifiedBy(verificationKeys(await secret.ring(), now), signed, data) ??
    verifiedBy(verificationKeys(await secret.refreshed(), now), signed, data)
  );
}

function verifiedBy(
  keys: readonly RingKey[],
  signed: SignedToken,
  data: string | undefined,
): VerifiedCookies | undefined {
  const key = keys.find(({ k }) => isSignedBy(signed, k));
  if (!key) return undefined;
  const { token } = signed;
  const cache = data === undefined ? undefined : verifyCookieCache(data, token, keys);
  return cache ? { token, key, cache } : { token, key };
}

function fromCache(
  facts: Facts,
  { session, key }: VerifiedCache,
  tokenKey: RingKey,
  now: number,
): Authenticated {
  const standing = async (): Promise<Refusable<Standing>> => {
    const row = await facts.session(session.token);
    if (!row || row.userId !== session.userId) return deny('credential_unknown');
    return row.expiresAt <= now ? deny('credential_expired') : {};
  };
  return {
    principal: { ...principalOf(session), signedWith: [tokenKey.kid, key.kid] },
    standing: standing(),
  };
}

async function fromRow(
  facts: Facts,
  token: string,
  { kid }: RingKey,
  now: number,
): Promise<Refusable<Authenticated>> {
  const principal = principalOfSession(await facts.session(token), now);
  return 'effect' in principal ? principal : { principal: { ...principal, signedWith: [kid] } };
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
