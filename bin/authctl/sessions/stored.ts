import * as v from 'valibot';
import type { Operator } from '../operator.ts';

const text = v.optional(v.nullable(v.string()), null);
const moment = v.pipe(
  v.date(),
  v.transform((date) => date.toISOString()),
);

/** Parsed strictly by name: whatever else a row has, its token among it, stays behind. */
const session = v.object({
  id: v.string(),
  userId: v.string(),
  createdAt: moment,
  expiresAt: moment,
  ipAddress: text,
  userAgent: text,
  activeOrganizationId: text,
});

export type StoredSession = v.InferOutput<typeof session>;

/** More than anybody has; Better Auth's own default is 100 rows. */
const most = 100_000;

/** Sessions of a user that have not expired, oldest first. */
export async function sessionsOf({ adapter }: Operator, userId: string): Promise<readonly StoredSession[]> {
  const where = [{ field: 'userId', value: userId }];
  const rows = await adapter.findMany({ model: 'session', where, limit: most });
  return v.parse(v.array(session), rows).toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

const member = v.object({ userId: v.string() });

/** Who is in an organization. */
export async function membersOf({ adapter }: Operator, organizationId: string): Promise<readonly string[]> {
  const where = [{ field: 'organizationId', value: organizationId }];
  const rows = await adapter.findMany({ model: 'member', where, limit: most });
  return v.parse(v.array(member), rows).map(({ userId }) => userId);
}

/** Deletes a session's row with its pointer and its place in the list. @returns false when it was gone */
export async function deleteSession({ adapter }: Operator, id: string): Promise<boolean> {
  return (await adapter.deleteMany({ model: 'session', where: [{ field: 'id', value: id }] })) > 0;
}
