import type { FirstMembership, Membership } from '../core/model.ts';
import type { IdentityTable } from './identity-table.ts';
import * as keys from './keys.ts';
import * as rows from './rows.ts';

/**
 * Where users belong, as the table says now. A membership counts only while its organization exists: a deletion may
 * be half way.
 */
export interface Memberships {
  readonly of: (userId: string, organizationId: string) => Promise<Membership | undefined>;
  /**
   * In the organization of this id or slug, id first. Only what the user belongs to is read: a name that somebody
   * else's organization has would take longer to refuse than one that nobody's has.
   *
   * @param likely id of the organization it probably is: read ahead
   */
  readonly in: (userId: string, tenant: string, likely?: string) => Promise<Membership | undefined>;
  /** The earliest; of two from one moment the one whose organization's id is smaller. */
  readonly first: (userId: string, likely?: Likely) => Promise<FirstMembership | undefined>;
  /** The earliest in one of these organizations. */
  readonly firstAmong: (userId: string, among: readonly string[]) => Promise<Membership | undefined>;
}

/** What is known of a user's first membership from an earlier look. */
export interface Likely {
  /** Read ahead. */
  readonly organizationId?: string | undefined;
  /** The mark it had then. */
  readonly mark?: string | undefined;
}

/** A Get costs a unit, a Query half a unit a kilobyte: among more organizations than this, all are read. */
const few = 20;

const byAge = (a: rows.MemberRow, b: rows.MemberRow): number =>
  a.createdAt - b.createdAt || (a.organizationId < b.organizationId ? -1 : 1);

/** A membership with the row it is made from. */
interface Seat {
  readonly row: rows.MemberRow;
  readonly held: Membership;
}

export function memberships(table: Pick<IdentityTable, 'get' | 'query' | 'first' | 'pointer'>): Memberships {
  const organization = async (id: string): Promise<rows.OrganizationRow | undefined> => {
    const item = await table.get(keys.organizationKey(id));
    return item && rows.readOrganization(item);
  };

  const membership = (row?: rows.MemberRow, owner?: rows.OrganizationRow): Membership | undefined =>
    row && owner && row.organizationId === owner.id
      ? { organization: { id: owner.id, slug: owner.slug }, role: row.role }
      : undefined;

  /** Both halves in one round trip. */
  const seat = async (userId: string, organizationId: string): Promise<Seat | undefined> => {
    const [item, owner] = await Promise.all([
      table.get(keys.membershipKey(userId, organizationId)),
      organization(organizationId),
    ]);
    const row = item && rows.readMember(item);
    const held = membership(row, owner);
    return row && held && { row, held };
  };

  const all = async (userId: string): Promise<readonly rows.MemberRow[]> =>
    (await table.query(keys.membershipsOfUser(userId))).map(rows.readMember);

  /** Oldest first, the one whose organization is there. */
  const firstOf = async (mine: readonly rows.MemberRow[]): Promise<Seat | undefined> => {
    for (const row of mine.toSorted(byAge)) {
      const held = membership(row, await organization(row.organizationId));
      if (held) return { row, held };
    }
    return undefined;
  };

  /** @param ahead one that was read already */
  const earliest = async (userId: string, ahead?: Seat): Promise<Seat | undefined> => {
    const edge = await table.first(keys.membershipsByAge(userId));
    const id = edge && rows.readPointer(edge).refSk;
    if (id !== undefined) {
      const found = id === ahead?.row.organizationId ? ahead : await seat(userId, id);
      if (found) return found;
    }
    // The oldest may be a membership whose organization is being deleted.
    return firstOf(await all(userId));
  };

  const ofSlug = async (mine: readonly rows.MemberRow[], slug: string): Promise<Membership | undefined> => {
    const owners = await Promise.all(mine.map(({ organizationId }) => organization(organizationId)));
    const owner = owners.find((each) => each?.slug === slug);
    return membership(
      mine.find(({ organizationId }) => organizationId === owner?.id),
      owner,
    );
  };

  /** Among so many that reading them all would cost too much: a slug's pointer is handed out only if it is to one of them. */
  const ofPointer = async (
    mine: readonly rows.MemberRow[],
    slug: string,
  ): Promise<Membership | undefined> => {
    const partitions = mine.map(({ organizationId }) => keys.organizationKey(organizationId).pk);
    const item = await table.pointer(keys.organizationSlugKey(slug).pk, partitions);
    const row = item && mine[partitions.indexOf(rows.readPointer(item).refPk)];
    return row && { organization: { id: row.organizationId, slug }, role: row.role };
  };

  /** How many memberships the user was ever given, as far as they were counted. */
  const placedOf = async (userId: string): Promise<number> => {
    const item = await table.get(keys.membershipsPlaced(userId));
    return item ? rows.readPlaced(item).placed : 0;
  };

  return {
    of: async (userId, organizationId) => (await seat(userId, organizationId))?.held,

    async in(userId, tenant, likely) {
      const [mine, ahead] = await Promise.all([
        all(userId),
        likely === undefined ? undefined : organization(likely),
      ]);
      const memberIn = (id?: string) => mine.find(({ organizationId }) => organizationId === id);
      const named = memberIn(tenant);
      if (named) return membership(named, tenant === likely ? ahead : await organization(tenant));
      const usual = memberIn(ahead?.id);
      if (usual && ahead?.slug === tenant) return membership(usual, ahead);
      return mine.length > few ? ofPointer(mine, tenant) : ofSlug(mine, tenant);
    },

    async first(userId, likely) {
      if (!likely) return (await earliest(userId))?.held;
      const { organizationId } = likely;
      const [ahead, placed] = await Promise.all([
        organizationId === undefined ? undefined : seat(userId, organizationId),
        placedOf(userId),
      ]);
      const mark = (row: rows.MemberRow): string => `${row.id} ${placed}`;
      if (ahead && likely.mark === mark(ahead.row)) return { ...ahead.held, mark: likely.mark };
      // Asked once the count is known: a membership that is made meanwhile makes the mark stale, and never says too much.
      const found = await earliest(userId, ahead);
      return found && { ...found.held, mark: mark(found.row) };
    },

    async firstAmong(userId, among) {
      if (among.length > few) {
        const mine = (await all(userId)).filter(({ organizationId }) => among.includes(organizationId));
        return (await firstOf(mine))?.held;
      }
      const seats = await Promise.all([...new Set(among)].map((id) => seat(userId, id)));
      const held = seats.filter((each) => each !== undefined);
      return held.toSorted((a, b) => byAge(a.row, b.row))[0]?.held;
    },
  };
}
