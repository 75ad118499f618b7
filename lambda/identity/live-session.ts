import { unkept } from '../core/lease.ts';
import { principalOfSession } from '../credentials/session.ts';
import { cache } from '../runtime/cache.ts';
import type { Clock } from '../runtime/clock.ts';
import type { IdentityTable } from '../store/identity-table.ts';
import { digest, membershipsOfUser, sessionKey } from '../store/keys.ts';
import type { Revocations } from '../store/revocations.ts';
import { readMember, readSession } from '../store/rows.ts';

/** May the session of this token still be used? @throws {Fault} `store` when that cannot be told */
export type IsLive = (token: string) => Promise<boolean>;

/** Users whose organizations are remembered. */
const capacity = 4096;

/**
 * Better Auth knows nothing of revocations, and answers a session from its cookie cache for five minutes after
 * the row is gone. Here a session is live while its row is there and nothing revoked what it was issued with: its
 * user's credentials, or those of any organization its user is in. Of any, since a session reaches them all: an
 * endpoint acts in the organization that a member of its body names.
 *
 * @param ttl milliseconds that a user's organizations are remembered, as revocations are
 */
export function liveSession(
  table: Pick<IdentityTable, 'get' | 'query'>,
  revocations: Pick<Revocations, 'refusePrincipal' | 'refuseOrganization'>,
  ttl: number,
  clock: Clock,
): IsLive {
  const organizations = cache<readonly string[]>(ttl, capacity, clock);
  const organizationsOf = async (userId: string): Promise<readonly string[]> =>
    (await organizations.get(userId, unkept, async () =>
      (await table.query(membershipsOfUser(userId))).map((item) => readMember(item).organizationId),
    )) ?? [];

  return async (token) => {
    const item = await table.get(sessionKey(digest(token)));
    const row = item && readSession(item);
    const principal = principalOfSession(row, clock());
    if (!row || 'effect' in principal) return false;
    const [refused, within] = await Promise.all([
      revocations.refusePrincipal(principal, unkept),
      organizationsOf(row.userId),
    ]);
    if (refused) return false;
    const refusals = await Promise.all(
      within.map(async (id) => revocations.refuseOrganization(principal, id, unkept)),
    );
    return refusals.every((each) => each === undefined);
  };
}
