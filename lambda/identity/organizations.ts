import { getCurrentAuthEndpointContext } from '@better-auth/core/context';
import { APIError } from 'better-auth/api';
import { organization } from 'better-auth/plugins';
import { isAcceptableSlug } from '../core/organization.ts';
import { atomic } from './atomic.ts';
import type { RemoveInstallations } from './installations.ts';

/** Members an organization may have. Better Auth's own default is 100. */
const membershipLimit = 10_000;

/**
 * A slug is how `x-tenant-id` names a tenant. One that looks like an id could be chosen to equal another
 * organization's.
 */
function refuseSlug(slug: unknown): void {
  if (slug === undefined || (typeof slug === 'string' && isAcceptableSlug(slug))) return;
  throw new APIError('BAD_REQUEST', {
    code: 'INVALID_SLUG',
    message: 'A slug has 1 to 63 lower-case letters, digits and inner hyphens, and may not look like an id.',
  });
}

/**
 * Takes what an organization has, but for the membership of who deletes it: interrupted, they may still delete it.
 * Better Auth then deletes the rest in one transaction, where that membership would go with the first 100 items.
 */
async function removeAllBut(userId: string, organizationId: string): Promise<void> {
  const { adapter } = getCurrentAuthEndpointContext().context;
  const where = [{ field: 'organizationId', value: organizationId }];
  const others = [...where, { field: 'userId', operator: 'ne' as const, value: userId }];
  await adapter.deleteMany({ model: 'apikey', where: [{ field: 'referenceId', value: organizationId }] });
  await adapter.deleteMany({ model: 'invitation', where });
  await adapter.deleteMany({ model: 'member', where: others });
}

export function organizations(removeInstallations: RemoveInstallations) {
  const plugin = organization({
    creatorRole: 'owner',
    membershipLimit,
    organizationHooks: {
      beforeCreateOrganization: async ({ organization: { slug } }) => refuseSlug(slug),
      beforeUpdateOrganization: async ({ organization: { slug } }) => refuseSlug(slug),
      // Before, not after: interrupted, the organization is still there and its deletion can be repeated.
      beforeDeleteOrganization: async ({ organization: { id }, user }) => {
        await removeInstallations(id);
        await removeAllBut(user.id, id);
      },
    },
  });
  const { createOrganization, acceptInvitation } = plugin.endpoints;
  Object.assign(plugin.endpoints, {
    createOrganization: atomic(createOrganization),
    acceptInvitation: atomic(acceptInvitation),
  });
  return plugin;
}
