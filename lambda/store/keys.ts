import { hash as hashOnce } from 'node:crypto';

/**
 * Primary keys of the identity table that the decision path reads. Identity's layout writes the same keys
 * (a test holds the two against each other). Every lookup is a base-table key: an index may lag behind.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Sort key of an item that is alone in its partition. */
const sole = '#';

/**
 * SHA-256 in base64url without padding: how a secret that was presented is named, here and by Better Auth. The latest
 * is kept: a decision names its credential when it looks whether it is remembered, and again when it reads its row.
 */
export function digest(secret: string): string {
  if (secret !== latest.secret) latest = { secret, name: hashOnce('sha256', secret, 'base64url') };
  return latest.name;
}

let latest = { secret: '', name: hashOnce('sha256', '', 'base64url') };

/** `hash` as Better Auth stores it: SHA-256 of the whole key. */
export const apiKeyKey = (hash: string): Key => ({ pk: `apikey#${hash}`, sk: sole });

/** Pointer from a key's id, which is no secret, to its row. */
export const apiKeyIdKey = (id: string): Key => ({ pk: `apikey.id#${id}`, sk: sole });

/** The list of an owner's keys: pointers to their rows. */
export const apiKeysOf = (ownerId: string): string => `apikey.referenceId#${ownerId}`;

export const sessionKey = (tokenDigest: string): Key => ({ pk: `session#${tokenDigest}`, sk: sole });

/** Pointer from a session's id, which is no secret, to its row. */
export const sessionIdKey = (id: string): Key => ({ pk: `session.id#${id}`, sk: sole });

export const organizationKey = (id: string): Key => ({ pk: `organization#${id}`, sk: sole });

/** Pointer from a slug to the organization that has it now. */
export const organizationSlugKey = (slug: string): Key => ({ pk: `organization.slug#${slug}`, sk: sole });

/** All memberships of a user are one collection; the sort key is the organization. */
export const membershipsOfUser = (userId: string): string => `member.userId#${userId}`;

/** The same in the order of their making, then of the organization's id: pointers to their rows. */
export const membershipsByAge = (userId: string): string => `member.userId.createdAt#${userId}`;

/** How many were ever placed in that order. */
export const membershipsPlaced = (userId: string): Key => ({
  pk: `member.userId.createdAt.placed#${userId}`,
  sk: sole,
});

export const membershipKey = (userId: string, organizationId: string): Key => ({
  pk: membershipsOfUser(userId),
  sk: organizationId,
});

export const installationKey = (organizationId: string, extensionId: string): Key => ({
  pk: `installation#${organizationId}`,
  sk: extensionId,
});

/** How many tokens a user was given for an extension lately. */
export const mintKey = (userId: string, extensionId: string): Key => ({
  pk: `mint#${userId}`,
  sk: extensionId,
});

/** What an operator can revoke: a signing key, a token, or everything issued before a moment to somebody. */
export type Revocable = 'kid' | 'jti' | 'installation' | 'user' | 'organization';

/** No function may write these items, only an operator: who could, could bring a revoked key back. */
export const revocationKey = (kind: Revocable, name: string): Key => ({
  pk: `revocation#${kind}#${name}`,
  sk: sole,
});

/** An installation's name among revocations. No id contains a slash. */
export const installationName = (organizationId: string, extensionId: string): string =>
  `${organizationId}/${extensionId}`;
