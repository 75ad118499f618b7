import type { Layout } from './adapter/index.ts';

/**
 * How Better Auth's models lie in the identity table. The authorizer reads sessions, keys and members by these
 * very keys, so a change here is a change of the table's format.
 */
export const identityLayout: Layout = {
  user: {
    unique: ['email'],
    owns: [
      { model: 'session', by: 'userId' },
      { model: 'member', by: 'userId' },
      { model: 'teamMember', by: 'userId' },
      // An invitation is its sender's word: it must not admit anybody once the sender is gone.
      { model: 'invitation', by: 'inviterId' },
      // A key's owner is a user or an organization: its row does not say which, so creation checks neither.
      { model: 'apikey', by: 'referenceId', orphans: true },
      // Last: who is stopped midway can still sign in, to start again.
      { model: 'account', by: 'userId' },
    ],
  },
  // Keyed by the digest of what is presented: the lookup is the primary key, and no token stands in a key.
  session: {
    row: { field: 'token', digest: true },
    unique: ['id'],
    lists: ['userId'],
    expiry: { field: 'expiresAt', hidden: true },
  },
  account: { lists: ['userId', 'accountId'] },
  verification: {
    // The identifier of a password reset contains its token.
    lists: [{ field: 'identifier', digest: true }],
    expiry: { field: 'expiresAt', hidden: true },
  },
  organization: {
    unique: ['slug'],
    owns: [
      { model: 'member', by: 'organizationId' },
      { model: 'invitation', by: 'organizationId' },
      { model: 'team', by: 'organizationId' },
      { model: 'organizationRole', by: 'organizationId' },
      { model: 'apikey', by: 'referenceId', orphans: true },
    ],
  },
  // A user's memberships are one partition: one GetItem answers whether, one Query answers where. In order of their
  // making as well: where a key acts that names no organization is one item, of however many memberships.
  member: {
    row: { partition: 'userId', sort: 'organizationId' },
    unique: ['id'],
    lists: ['organizationId'],
    ordered: [{ list: 'userId', by: 'createdAt' }],
  },
  invitation: { lists: ['organizationId', 'email', 'inviterId', 'teamId'] },
  team: { lists: ['organizationId'], owns: [{ model: 'teamMember', by: 'teamId' }] },
  teamMember: { unique: ['membershipKey'], lists: ['teamId', 'userId'] },
  organizationRole: { lists: ['organizationId'] },
  // `key` is the hash that Better Auth stores. Better Auth says itself that a key has expired, and deletes it.
  apikey: {
    row: 'key',
    unique: ['id'],
    lists: ['referenceId'],
    expiry: { field: 'expiresAt', hidden: false, keepSeconds: 30 * 24 * 3600 },
  },
  // A window is over long before a day has passed since the last request.
  rateLimit: { row: 'key', expiry: { field: 'lastRequest', hidden: false, keepSeconds: 24 * 3600 } },
};
