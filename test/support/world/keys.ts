import { apiKey } from '../api-key.ts';
import { start } from '../clock.ts';
import { acme, alice, bob, carol, dave, day, digest, id, iso, type Row } from './place.ts';

/** Every API key: what is presented, and its row without what the key itself decides. */
const keys = {
  alice: { seed: 'AliceKey0', row: { referenceId: alice } },
  bob: { seed: 'BobKey0', row: { referenceId: bob } },
  carol: { seed: 'CarolKey0', row: { referenceId: carol } },
  dave: { seed: 'DaveKey0', row: { referenceId: dave } },
  aliceContacts: {
    seed: 'AliceContacts',
    row: { referenceId: alice, permissions: '{"records":["read:contact"]}' },
  },
  aliceNothing: { seed: 'AliceNothing', row: { referenceId: alice, permissions: '{}' } },
  aliceStar: { seed: 'AliceStar', row: { referenceId: alice, permissions: '{"*":["*"],"records":["*"]}' } },
  bobManage: {
    seed: 'BobManage',
    row: { referenceId: bob, permissions: '{"extensions":["manage"],"records":["read"]}' },
  },
  disabled: { seed: 'Disabled', row: { referenceId: alice, enabled: false } },
  expired: { seed: 'Expired', row: { referenceId: alice, expiresAt: iso(start) } },
  lastMoment: { seed: 'LastMoment', row: { referenceId: alice, expiresAt: iso(start + 1) } },
  disabledAndExpired: {
    seed: 'DisabledExpired',
    row: { referenceId: alice, enabled: false, expiresAt: iso(start - day) },
  },
  organization: {
    seed: 'Organization',
    row: {
      referenceId: acme.id,
      configId: 'organization',
      permissions: '{"records":["read"],"extensions":["manage"]}',
    },
  },
  organizationBare: { seed: 'OrganizationBare', row: { referenceId: acme.id, configId: 'organization' } },
  goneOrganization: {
    seed: 'GoneOrganization',
    row: { referenceId: id('OrgGone'), configId: 'organization', permissions: '{"records":["read"]}' },
  },
  foreignConfig: { seed: 'ForeignConfig', row: { referenceId: alice, configId: 'another' } },
  unreadable: { seed: 'Unreadable', row: { referenceId: alice, permissions: 'not json' } },
} as const;

type KeyName = keyof typeof keys;

export const keyOf = (name: KeyName): string => apiKey('live', keys[name].seed);
export const keyIdOf = (name: KeyName): string => id(`Key${name}`);
/** A key of Better Auth's default generator, with a prefix. */
export const plainKey = `legacy_${'abcdefghijklmnopqrstuvwxyzABCDEF'.repeat(2)}`;

const keyRow = (presented: string, keyId: string, given: object): Row => ({
  pk: `apikey#${digest(presented)}`,
  sk: '#',
  id: keyId,
  configId: 'default',
  key: digest(presented),
  enabled: true,
  rateLimitEnabled: false,
  createdAt: iso(start - day),
  ...given,
});

const keyNames = Object.keys(keys).filter((name): name is KeyName => name in keys);
export const keyRows = [
  ...keyNames.map((name) => keyRow(keyOf(name), keyIdOf(name), keys[name].row)),
  keyRow(plainKey, id('KeyPlain'), { referenceId: bob }),
  // A key of another stage that is in the table all the same: only its text can refuse it.
  keyRow(apiKey('test', 'AliceKey0'), id('KeyTest'), { referenceId: alice }),
];
