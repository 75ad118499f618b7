import type { Authenticate, Authenticated, Refusable, Standing } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import type { Principal } from '../core/model.ts';
import { verificationKeys, type KeyRing } from '../secrets/key-ring.ts';
import type { SecretSource } from '../secrets/secret-source.ts';
import type { Facts } from '../store/facts.ts';
import type { SessionRow } from '../store/rows.ts';
import { readCookieCache, type CachedSession } from './cookie-cache.ts';
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
    const secrets = await keysFor(secret, signed, now);
    if (!secrets) return deny('signature_invalid');

    const cached = cookies.data && readCookieCache(cookies.data, signed.token, secrets, now);
    return cached ? fromCache(facts, cached, now) : fromRow(facts, signed.token, now);
  };
}

/** The keys cookies verify under now, if one of them signed this one. Asks again once for a new key. */
async function keysFor(
  secret: SecretSource,
  signed: SignedToken,
  now: number,
): Promise<readonly string[] | undefined> {
  const current = secretsOf(await secret.ring(), now);
  if (current.some((key) => isSignedBy(signed, key))) return current;
  const refreshed = secretsOf(await secret.refreshed(), now);
  return refreshed.some((key) => isSignedBy(signed, key)) ? refreshed : undefined;
}

const secretsOf = (ring: KeyRing, now: number): readonly string[] =>
  verificationKeys(ring, now).map(({ k }) => k);

function fromCache(facts: Facts, cached: CachedSession, now: number): Authenticated {
  const standing = async (): Promise<Refusable<Standing>> => {
    const row = await facts.session(cached.token);
    if (!row || row.userId !== cached.userId) return deny('credential_unknown');
    return row.expiresAt <= now ? deny('credential_expired') : {};
  };
  return { principal: principalOf(cached), standing: standing() };
}

async function fromRow(facts: Facts, token: string, now: number): Promise<Refusable<Authenticated>> {
  const principal = principalOfSession(await facts.session(token), now);
  return 'effect' in principal ? principal : { principal };
}

/** Who a session's row says it is, as long as it lasts. @param now epoch milliseconds */
export function principalOfSession(row: SessionRow | undefined, now: number): Refusable<Principal> {
  if (!row) return deny('credential_unknown');
  return row.expiresAt <= now ? deny('credential_expired') : principalOf(row);
}

type SessionFacts = Pick<CachedSession, 'id' | 'userId' | 'expiresAt'> & {
  readonly activeOrganizationId: string | null;
};

const principalOf = (session: SessionFacts): Principal => ({
  owner: { kind: 'user', id: session.userId },
  credentialKind: 'session',
  credentialId: session.id,
  scopes: null,
  expiresAt: Math.floor(session.expiresAt / 1000),
  ...(session.activeOrganizationId ? { organizationId: session.activeOrganizationId } : {}),
});
