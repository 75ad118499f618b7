import type { Authority, Refusable } from '../core/decide.ts';
import { after, afterAll, type Awaitable } from '../core/awaitable.ts';
import { deny, type DenialReason } from '../core/denial.ts';
import type { Lease } from '../core/lease.ts';
import type { Deny, Membership, Organization, Principal, Tenancy } from '../core/model.ts';
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
  return (principal, tenant, until) => {
    // Begun now where it is known, or likely, which organization it will be: so it shares the round trip. Never by the
    // name that is asked for: that would tell of somebody else's organization whether it was revoked.
    const likely = likelyOf(principal);
    const ahead = likely === undefined ? undefined : refuseOrganization(principal, likely, until);
    return afterAll<[Refusable<Tenancy>, Refused], Refusable<Tenancy>>(
      [resolve(principal, tenant, until), ahead],
      ([tenancy, refused]) => {
        if ('effect' in tenancy) return tenancy;
        const { id } = tenancy.organization;
        if (id === likely) return refused ?? tenancy;
        return after(refuseOrganization(principal, id, until), (late) => late ?? tenancy);
      },
    );
  };
}

const likelyOf = ({ organizationId, likelyOrganizationId }: Principal): string | undefined =>
  organizationId ?? likelyOrganizationId;

type Refused = Deny<DenialReason> | undefined;

function resolveUnrevoked(facts: Facts): Authority['resolveOrganization'] {
  return (principal, tenant, until) => {
    if (principal.owner.kind === 'organization') {
      return after(ownOrganization(facts, principal.owner.id, tenant, until), (own) =>
        within(principal, own),
      );
    }
    const userId = principal.owner.id;
    if (principal.credentialKind === 'extension_token')
      return tokenOrganization(facts, principal, userId, tenant, until);
    if (tenant !== undefined) {
      return after(facts.membershipIn(userId, tenant, until, likelyOf(principal)), (found) =>
        within(principal, member(found)),
      );
    }
    if (principal.credentialKind === 'api_key') return firstOrganization(facts, principal, userId, until);
    if (principal.organizationId === undefined) return deny('organization_missing');
    return after(facts.membership(userId, principal.organizationId, until), member);
  };
}

/** A key that is limited to organizations acts in no other, also where its owner belongs. */
function within({ limitedTo }: Principal, tenancy: Refusable<Tenancy>): Refusable<Tenancy> {
  if ('effect' in tenancy || (limitedTo?.includes(tenancy.organization.id) ?? true)) return tenancy;
  return deny('organization_forbidden');
}

function firstOrganization(
  facts: Facts,
  { limitedTo, likelyOrganizationId: organizationId, likelyMark: mark }: Principal,
  userId: string,
  until: Lease,
): Awaitable<Refusable<Tenancy>> {
  return after(
    facts.firstMembership(
      userId,
      until,
      limitedTo,
      organizationId === undefined ? undefined : { organizationId, mark },
    ),
    (first) => first ?? deny(limitedTo ? 'organization_forbidden' : 'organization_missing'),
  );
}

/** An organization that does not exist and one the caller is not in are the same to the caller. */
const member = (membership: Membership | undefined): Refusable<Membership> =>
  membership ?? deny('organization_forbidden');

function ownOrganization(
  facts: Facts,
  id: string,
  tenant: string | undefined,
  until: Lease,
): Awaitable<Refusable<Tenancy>> {
  return after<Organization | undefined, Refusable<Tenancy>>(
    facts.organization(id, until),
    (organization) => {
      if (!organization) return deny('organization_missing');
      if (tenant !== undefined && !names(tenant, organization)) return deny('organization_forbidden');
      return { organization: { id: organization.id, slug: organization.slug } };
    },
  );
}

/** A token is for one organization; a header that names another one is a mistake, or somebody trying. */
function tokenOrganization(
  facts: Facts,
  { organizationId }: Principal,
  userId: string,
  tenant: string | undefined,
  until: Lease,
): Awaitable<Refusable<Tenancy>> {
  if (organizationId === undefined) return deny('organization_missing');
  return after<Membership | undefined, Refusable<Tenancy>>(
    facts.membership(userId, organizationId, until),
    (membership) =>
      membership && tenant !== undefined && !names(tenant, membership.organization)
        ? deny('organization_mismatch')
        : member(membership),
  );
}

const names = (tenant: string, { id, slug }: Organization): boolean => tenant === id || tenant === slug;
