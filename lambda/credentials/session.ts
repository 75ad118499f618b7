import type { Authenticate, Authenticated, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import type { Principal } from '../core/model.ts';
import { verificationKeys, type RingKey } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import type { Facts } from '../store/facts.ts';
import type { SessionRow } from '../store/rows.ts';
import { readCookieCache, type CachedSession, type VerifiedCache } from './cookie-cache.ts';
import { isSignedBy, splitSignedToken, type SignedToken } from './session-cookie.ts';

/**
 * A Better Auth session. The signature of its cookie is checked before any read. A valid cookie cache then
 * says who it is, and the row is read beside the organization, so that a session deleted since is refused
 * within the facts bound; without a cache the row says who it is.
 */
export function authenticateSession(facts: Facts, secret: SecretSource): Authenticate<'session'> {
  return async ({ cookies }, now) => {
    const signed = splitSignedToken(cookies.token);
    if (!signed) return deny('credential_malformed');
    const verified = await verify(secret, signed, now);
    if (!verified) return deny('signature_invalid');

    const { kid, keys } = verified;
    const cached = cookies.data && readCookieCache(cookies.data, signed.token, keys, now);
    return cached ? fromCache(facts, cached, kid, now) : fromRow(facts, signed.token, kid, now);
  };
}

interface Verified {
  /** Of the key that signed the cookie. */
  readonly kid: string;
  /** All keys cookies verify under now. */
  readonly keys: readonly RingKey[];
}

/** The key that signed the cookie, if one did. Asks again once for a new key. */
async function verify(secret: SecretSource, signed: SignedToken, now: number): Promise<Verified | undefined> {
  return (
    signedBy(verificationKeys(await secret.ring(), now), signed) ??
    signedBy(verificationKeys(await secret.refreshed(), now), signed)
  );
}

function signedBy(keys: readonly RingKey[], signed: SignedToken): Verified | undefined {
  const key = keys.find(({ k }) => isSignedBy(signed, k));
  return key && { kid: key.kid, keys };
}

function fromCache(
  facts: Facts,
  { session, kid }: VerifiedCache,
  tokenKid: string,
  now: number,
): Authenticated {
  const standing = async (): Promise<Refusable<Standing>> => {
    const row = await facts.session(session.token);
    if (!row || row.userId !== session.userId) return deny('credential_unknown');
    return row.expiresAt <= now ? deny('credential_expired') : {};
  };
  return { principal: { ...principalOf(session), signedWith: [tokenKid, kid] }, standing: standing() };
}

async function fromRow(
  facts: Facts,
  token: string,
  kid: string,
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
