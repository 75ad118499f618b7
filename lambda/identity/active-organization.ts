import { getCurrentAdapter } from '@better-auth/core/context';
import type { BetterAuthOptions, GenericEndpointContext } from 'better-auth';
import { unkept } from '../core/lease.ts';
import type { Facts } from '../store/facts.ts';

type Hooks = NonNullable<NonNullable<BetterAuthOptions['databaseHooks']>['session']>;

/** The session's own copy of the slug, for pages. Decisions read the organization's row instead. */
export const activeOrganizationFields = {
  activeOrganizationSlug: { type: 'string', required: false, input: false },
} as const;

/**
 * Keeps a session in an organization: a new one starts in its user's first, and whenever the active one
 * changes, the slug changes with it.
 */
export function activeOrganization(facts: Facts): Hooks {
  return {
    create: {
      before: async (session) => {
        const first = await facts.firstMembership(session.userId, unkept);
        return { data: { ...session, ...active(first?.organization) } };
      },
    },
    update: {
      before: async (change, endpoint) => {
        if (!('activeOrganizationId' in change)) return;
        const id = change['activeOrganizationId'];
        return { data: { ...change, activeOrganizationSlug: await slugOf(id, endpoint) } };
      },
    },
  };
}

const active = (organization: { readonly id: string; readonly slug: string } | undefined) => ({
  activeOrganizationId: organization?.id ?? null,
  activeOrganizationSlug: organization?.slug ?? null,
});

/** Asked of Better Auth's own adapter: in a transaction it knows the organization that is just being created. */
async function slugOf(id: unknown, endpoint: GenericEndpointContext | null): Promise<string | null> {
  if (typeof id !== 'string' || !endpoint) return null;
  const database = await getCurrentAdapter(endpoint.context.adapter);
  const where = [{ field: 'id', value: id }];
  const organization = await database.findOne<{ slug: string }>({ model: 'organization', where });
  return organization?.slug ?? null;
}
