import type { Awaitable } from '../core/awaitable.ts';
import type { Lease } from '../core/lease.ts';
import type { FirstMembership, Membership } from '../core/model.ts';
import { cache, type Tally } from '../runtime/cache.ts';
import type { Clock } from '../runtime/clock.ts';
import type { IdentityTable, Item } from './identity-table.ts';
import * as keys from './keys.ts';
import { memberships, type Likely } from './memberships.ts';
import * as rows from './rows.ts';

/**
 * What the store knows, each fact at most FACTS_TTL_SECONDS old. Only what exists is remembered: something
 * that was just created is seen at once, and an unknown and a foreign organization cost the same reads.
 * `until` is told how long each answer stands.
 */
export interface Facts {
  readonly apiKey: (hash: string, until: Lease) => Awaitable<rows.ApiKeyRow | undefined>;
  /** The row as counting a use left it. @param at from before it was counted, epoch milliseconds */
  readonly apiKeyUsed: (hash: string, row: rows.ApiKeyRow, at: number) => void;
  readonly session: (token: string, until: Lease) => Awaitable<rows.SessionRow | undefined>;
  /** By its id, for who was authenticated before and presents nothing now: two reads, one after the other. */
  readonly apiKeyById: (id: string, until: Lease) => Awaitable<rows.ApiKeyRow | undefined>;
  /** As `apiKeyById`. */
  readonly sessionById: (id: string, until: Lease) => Awaitable<rows.SessionRow | undefined>;
  readonly installation: (
    organizationId: string,
    extensionId: string,
    until: Lease,
  ) => Awaitable<rows.InstallationRow | undefined>;
  readonly organization: (id: string, until: Lease) => Awaitable<rows.OrganizationRow | undefined>;
  /** Membership in the organization with this id. */
  readonly membership: (
    userId: string,
    organizationId: string,
    until: Lease,
  ) => Awaitable<Membership | undefined>;
  /** Membership in the organization of this id or slug, id first. @param likely id of the one it probably is */
  readonly membershipIn: (
    userId: string,
    tenant: string,
    until: Lease,
    likely?: string,
  ) => Awaitable<Membership | undefined>;
  /**
   * The user's earliest membership; of two from the same moment the one whose organization's id is smaller.
   *
   * @param among ids of the only organizations that count. @default all
   * @param likely what is known of it: read ahead, and if it is still so, nothing else has to be read
   */
  readonly firstMembership: (
    userId: string,
    until: Lease,
    among?: readonly string[],
    likely?: Likely,
  ) => Awaitable<FirstMembership | undefined>;
  /** For the decision line. */
  readonly caches: readonly Tally[];
}

/** Entries a cache may hold: each is well under 1 KB, and one process serves one request at a time. */
const capacity = 4096;

/** @param ttl milliseconds */
export function facts(table: IdentityTable, ttl: number, clock: Clock): Facts {
  const apiKeys = cache<rows.ApiKeyRow>(ttl, capacity, clock);
  const sessions = cache<rows.SessionRow>(ttl, capacity, clock);
  const installations = cache<rows.InstallationRow>(ttl, capacity, clock);
  const held = cache<Membership>(ttl, capacity, clock);
  const firsts = cache<FirstMembership>(ttl, capacity, clock);
  const organizations = cache<rows.OrganizationRow>(ttl, capacity, clock);

  const stored = memberships(table);

  const read = async <T>(key: keys.Key, parse: (item: Item) => T) => {
    const item = await table.get(key);
    return item && parse(item);
  };

  /** The row a pointer names, if it is the one that was asked for: a row can be replaced between the reads. */
  const follow = async <T extends { readonly id: string }>(
    key: keys.Key,
    id: string,
    parse: (item: Item) => T,
  ) => {
    const pointer = await read(key, rows.readPointer);
    const row = pointer && (await read({ pk: pointer.refPk, sk: pointer.refSk }, parse));
    return row?.id === id ? row : undefined;
  };

  return {
    caches: [apiKeys, sessions, installations, held, firsts, organizations],
    apiKey: (hash, until) => apiKeys.get(hash, until, () => read(keys.apiKeyKey(hash), rows.readApiKey)),
    apiKeyUsed: apiKeys.put,
    session: (token, until) => {
      const digest = keys.digest(token);
      return sessions.get(digest, until, () => read(keys.sessionKey(digest), rows.readSession));
    },
    // A digest has no space in it: neither cache mistakes an id for one.
    apiKeyById: (id, until) =>
      apiKeys.get(`id ${id}`, until, () => follow(keys.apiKeyIdKey(id), id, rows.readApiKey)),
    sessionById: (id, until) =>
      sessions.get(`id ${id}`, until, () => follow(keys.sessionIdKey(id), id, rows.readSession)),
    installation: (organizationId, extensionId, until) =>
      installations.get(`${organizationId} ${extensionId}`, until, () =>
        read(keys.installationKey(organizationId, extensionId), rows.readInstallation),
      ),
    organization: (id, until) =>
      organizations.get(id, until, () => read(keys.organizationKey(id), rows.readOrganization)),
    membership: (userId, organizationId, until) =>
      held.get(`id ${userId} ${organizationId}`, until, () => stored.of(userId, organizationId)),
    membershipIn: (userId, tenant, until, likely) =>
      held.get(`in ${userId} ${tenant}`, until, () => stored.in(userId, tenant, likely)),
    firstMembership: (userId, until, among, likely) =>
      firsts.get(`${userId} ${among?.join() ?? 'all'}`, until, () =>
        among ? stored.firstAmong(userId, among) : stored.first(userId, likely),
      ),
  };
}
