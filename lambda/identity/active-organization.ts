import type { BetterAuthOptions } from 'better-auth';
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
        const first = await facts.firstMembership(session.userId);
        return { data: { ...session, ...active(first?.organization) } };
      },
    },
    update: {
      before: async (change) => {
        if (!('activeOrganizationId' in change)) return;
        const id = change['activeOrganizationId'];
        const organization = typeof id === 'string' ? await facts.organization(id) : undefined;
        return { data: { ...change, activeOrganizationSlug: organization?.slug ?? null } };
      },
    },
  };
}

const active = (organization: { readonly id: string; readonly slug: string } | undefined) => ({
  activeOrganizationId: organization?.id ?? null,
  activeOrganizationSlug: organization?.slug ?? null,
});
