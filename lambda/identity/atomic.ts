import { getCurrentAuthEndpointContext, runWithTransaction } from '@better-auth/core/context';
import type { BetterAuthPlugin } from 'better-auth';
import { deleteUser } from 'better-auth/api';

/**
 * The endpoint, with everything it writes in one transaction. Some of Better Auth's endpoints write one row after
 * the other (1.7.5): stopped in between, `createOrganization` leaves an organization without an owner, whose slug
 * nobody can take again, and `acceptInvitation` an invitation that is spent and admits nobody.
 *
 * Only for endpoints that write few rows, or delete any number: a commit takes 100 items.
 */
export function atomic<Endpoint extends (...input: never[]) => unknown>(endpoint: Endpoint): Endpoint {
  return new Proxy(endpoint, {
    apply: (target, self, input) =>
      runWithTransaction(getCurrentAuthEndpointContext().context.adapter, () =>
        Reflect.apply(target, self, input),
      ),
  });
}

/** In the place of Better Auth's own: without its account, a user could not sign in to delete the rest again. */
export const atomicDeletion = {
  id: 'atomic-deletion',
  endpoints: { deleteUser: atomic(deleteUser) },
} satisfies BetterAuthPlugin;
