import type { Authority, Refusable } from '../core/decide.ts';
import { deny } from '../core/denial.ts';
import type { Membership, Principal, Tenancy } from '../core/model.ts';
import type { Facts } from './facts.ts';
import type { Revocations } from './revocations.ts';

/**
 * The organization a principal acts in, verified against the membership as it is now. Whatever names an
 * organization (a header, a cookie, a claim) only selects among those the principal belongs to.
 */
export function resolveOrganization(
  facts: Facts,
  { refuseOrganization }: Pick<Revocations, 'refuseOrganization'>,
): Authority['resolveOrganization'] {
  const resolve = resolveUnrevoked(facts);
  return async (principal, tenant, now) => {
    // Begun now where the credential names its organization, so that it shares the round trip.
    const named = principal.organizationId;
    const [tenancy] = await Promise.all([
      resolve(principal, tenant, now),
      named === undefined ? undefined : refuseOrganization(principal, named),
    ]);
    if ('effect' in tenancy) return tenancy;
    return (await refuseOrganization(principal, tenancy.organization.id)) ?? tenancy;
  };
}

function resolveUnrevoked(facts: Facts): Authority['resolveOrganization'] {
  return async (principal, tenant) => {
    if (principal.owner.kind === 'organization') {
      return within(principal, await ownOrganization(facts, principal.owner.id, tenant));
    }
    const userId = principal.owner.id;
    if (principal.credentialKind === 'extension_token')
      return tokenOrganization(facts, principal, userId, tenant);
    if (tenant !== undefined) return within(principal, member(await facts.membershipIn(userId, tenant)));
    if (principal.credentialKind === 'api_key') return firstOrganization(facts, principal, userId);
    if (principal.organizationId === undefined) return deny('organization_missing');
    return member(await facts.membership(userId, principal.organizationId));
  };
}

/** A key that is limited to organizations acts in no other, also where its owner belongs. */
function within({ limitedTo }: Principal, tenancy: Refusable<Tenancy>): Refusable<Tenancy> {
  if ('effect' in tenancy || (limitedTo?.includes(tenancy.organization.id) ?? true)) return tenancy;
  return deny('organization_forbidden');
}

async function firstOrganization(
  facts: Facts,
  { limitedTo }: Principal,
  userId: string,
): Promise<Refusable<Tenancy>> {
  const first = await facts.firstMembership(userId, limitedTo);
  return first ?? deny(limitedTo ? 'organization_forbidden' : 'organization_missing');
}

/** An organization that does not exist and one the caller is not in are the same to the caller. */
const member = (membership: Membership | undefined): Refusable<Membership> =>
  membership ?? deny('organization_forbidden');

async function ownOrganization(
  facts: Facts,
  id: string,
  tenant: string | undefined,
): Promise<Refusable<Tenancy>> {
  const organization = await facts.organization(id);
  if (!organization) return deny('organization_missing');
  if (tenant !== undefined && !names(tenant, organization)) return deny('organization_forbidden');
  return { organization: { id: organization.id, slug: organization.slug } };
}

/** A token is for one organization; a header that names another one is a mistake, or somebody trying. */
async function tokenOrganization(
  facts: Facts,
  { organizationId }: Principal,
  userId: string,
  tenant: string | undefined,
): Promise<Refusable<Tenancy>> {
  if (organizationId === undefined) return deny('organization_missing');
  const membership = member(await facts.membership(userId, organizationId));
  if ('effect' in membership) return membership;
  if (tenant !== undefined && !names(tenant, membership.organization)) return deny('organization_mismatch');
  return membership;
}

const names = (tenant: string, { id, slug }: { readonly id: string; readonly slug: string }): boolean =>
  tenant === id || tenant === slug;
