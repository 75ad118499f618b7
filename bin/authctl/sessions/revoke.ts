import { CommandFailure } from '../failure.ts';
import { findOrganization, findUser } from '../keys/owner.ts';
import type { Operator } from '../operator.ts';
import { revokeIssued } from '../revocation.ts';
import { deleteSession, membersOf, sessionsOf } from './stored.ts';

export interface RevokedSessions {
  /** How many rows are gone. */
  readonly deleted: number;
  readonly userId?: string;
  readonly organizationId?: string;
  /** Epoch seconds from which new credentials are accepted. */
  readonly minIssuedAt?: number;
}

/** Ends one session. A warm process may know it for as long as it may know any fact. */
export async function revokeSession(operator: Operator, id: string): Promise<RevokedSessions> {
  if (await deleteSession(operator, id)) return { deleted: 1 };
  throw new CommandFailure('not_found', `There is no session ${id}.`);
}

/**
 * Ends all sessions of a user. The moment comes first: what is signed in between, and whatever warm processes and
 * cookie caches still know, is refused by it as soon as revocations are read again.
 */
export async function revokeUserSessions(operator: Operator, name: string): Promise<RevokedSessions> {
  const { id: userId } = await findUser(operator, name);
  const minIssuedAt = await revokeIssued(operator, 'user', userId);
  const where = [{ field: 'userId', value: userId }];
  const deleted = await operator.adapter.deleteMany({ model: 'session', where });
  return { deleted, userId, minIssuedAt };
}

/**
 * Ends the sessions that are in an organization. Those of its members that are in another one stay: here, what is
 * older than the moment is refused whatever its row says.
 */
export async function revokeOrganizationSessions(operator: Operator, name: string): Promise<RevokedSessions> {
  const { id: organizationId } = await findOrganization(operator, name);
  const minIssuedAt = await revokeIssued(operator, 'organization', organizationId);
  let deleted = 0;
  for (const userId of await membersOf(operator, organizationId)) {
    for (const { id, activeOrganizationId } of await sessionsOf(operator, userId)) {
      if (activeOrganizationId === organizationId && (await deleteSession(operator, id))) deleted += 1;
    }
  }
  return { deleted, organizationId, minIssuedAt };
}
