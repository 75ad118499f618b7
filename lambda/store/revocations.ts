import type { Deny, Principal } from '../core/model.ts';
import { after, afterAll, type Awaitable } from '../core/awaitable.ts';
import { deny, type DenialReason } from '../core/denial.ts';
import { unkept, type Lease } from '../core/lease.ts';
import { cache, type Cache } from '../runtime/cache.ts';
import type { Clock } from '../runtime/clock.ts';
import type { IdentityTable } from './identity-table.ts';
import { installationName, revocationKey, type Revocable } from './keys.ts';
import { readRevocation } from './rows.ts';

/**
 * What operators revoked, at most REVOCATION_TTL_SECONDS old. That something is not revoked is remembered as
 * well, for as long: this is what bounds how late a revocation is seen. `until` is told for how long that is.
 */
export interface Revocations {
  /** Is the signing key revoked, by its `kid`? */
  readonly isKeyRevoked: (kid: string) => Promise<boolean>;
  /** The credential itself, the keys it was signed with, its installation, or all that its user held. */
  readonly refusePrincipal: (principal: Principal, until: Lease) => Awaitable<Deny<DenialReason> | undefined>;
  /** All credentials of an organization that were issued before a moment. */
  readonly refuseOrganization: (
    principal: Principal,
    organizationId: string,
    until: Lease,
  ) => Awaitable<Deny<DenialReason> | undefined>;
}

/** Everything issued before this moment is revoked; `Infinity` for what is revoked for good. Epoch seconds. */
type RevokedBefore = number;

const capacity = 4096;

/**
 * @param ttl milliseconds
 * @throws {Fault} `store` from every method when the items cannot be read: nothing is accepted on a guess
 */
export function revocations(table: Pick<IdentityTable, 'get'>, ttl: number, clock: Clock): Revocations {
  const ofKind = () => cache<RevokedBefore>(ttl, capacity, clock);
  const known: Readonly<Record<Revocable, Cache<RevokedBefore>>> = {
    kid: ofKind(),
    jti: ofKind(),
    installation: ofKind(),
    user: ofKind(),
    organization: ofKind(),
  };

  const revokedBefore = (kind: Revocable, name: string, until: Lease): Awaitable<RevokedBefore> => {
    const moment = known[kind].get(name, until, async () => {
      const item = await table.get(revocationKey(kind, name));
      return item ? (readRevocation(item).minIssuedAt ?? Infinity) : 0;
    });
    return after(moment, (found) => found ?? 0);
  };

  return {
    isKeyRevoked: async (kid) => (await revokedBefore('kid', kid, unkept)) > 0,
    refusePrincipal: (principal, until) => {
      const { owner, credentialKind, credentialId, organizationId, extensionId, signedWith } = principal;
      const moments: Awaitable<RevokedBefore>[] = [];
      for (const kid of signedWith ?? []) moments.push(revokedBefore('kid', kid, until));
      if (owner.kind === 'user') moments.push(revokedBefore('user', owner.id, until));
      if (credentialKind === 'extension_token') moments.push(revokedBefore('jti', credentialId, until));
      if (organizationId !== undefined && extensionId !== undefined) {
        moments.push(revokedBefore('installation', installationName(organizationId, extensionId), until));
      }
      return afterAll<readonly RevokedBefore[], Deny<DenialReason> | undefined>(moments, (found) =>
        refuse(principal, found),
      );
    },
    refuseOrganization: (principal, organizationId, until) =>
      after(revokedBefore('organization', organizationId, until), (moment) => refuse(principal, [moment])),
  };
}

const refuse = (
  { issuedAt = 0 }: Principal,
  moments: readonly RevokedBefore[],
): Deny<DenialReason> | undefined =>
  moments.some((moment) => moment > 0 && issuedAt < moment) ? deny('credential_revoked') : undefined;
