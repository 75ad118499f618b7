import { getCurrentAuthEndpointContext, runWithTransaction } from '@better-auth/core/context';
import type { BetterAuthPlugin } from 'better-auth';
import { deleteUser, signOut } from 'better-auth/api';

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

/**
 * In the place of Better Auth's own. A user whose account went first could not sign in to delete the rest again. A
 * sign-out whose deletion failed would answer 200 and take the cookie away, while a copy of it went on working: in a
 * transaction the failure comes out, whoever catches it.
 */
export const atomicEndpoints = {
  id: 'atomic-endpoints',
  endpoints: { deleteUser: atomic(deleteUser), signOut: atomic(signOut) },
} satisfies BetterAuthPlugin;
