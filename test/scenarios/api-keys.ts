import { apiKey } from '../support/api-key.ts';
import { bob, globex, initech, keyIdOf, keyOf, nowSeconds, plainKey } from '../support/world.ts';
import {
  member,
  whoami,
  records,
  action,
  installation,
  key,
  bearer,
  inAcme,
  aliceKey,
  allow,
  deny,
  type Row,
  to,
  inGlobex,
  from,
} from './scenario.ts';

export const apiKeys: readonly Row[] = [
  [
    "a key acts in its owner's earliest organization, with the owner's role",
    whoami(key('alice')),
    allow(aliceKey),
  ],
  ['a key as Bearer', whoami(bearer(keyOf('alice'))), allow(aliceKey)],
  [
    "a key of Better Auth's default generator",
    whoami({ 'x-api-key': plainKey }),
    allow({
      ...inAcme,
      userId: bob,
      role: 'member',
      credentialKind: 'api_key',
      credentialId: 'KeyPlain'.padEnd(32, '0'),
      scopes: member,
    }),
  ],
  [
    'a key in another organization of its owner, by slug',
    whoami({ ...key('alice'), ...to('globex') }),
    allow({ ...aliceKey, ...inGlobex, role: 'member', scopes: member }),
  ],
  [
    'a key in another organization of its owner, by id',
    whoami({ ...key('alice'), ...to(globex.id) }),
    allow({ ...aliceKey, ...inGlobex, role: 'member', scopes: member }),
  ],
  [
    'a key in an organization its owner is not in',
    whoami({ ...key('alice'), ...to('initech') }),
    deny('organization_forbidden'),
  ],
  [
    'a key in an organization its owner is not in, by id',
    whoami({ ...key('alice'), ...to(initech.id) }),
    deny('organization_forbidden'),
  ],
  [
    'a key in an organization that does not exist',
    whoami({ ...key('alice'), ...to('nowhere') }),
    deny('organization_forbidden'),
  ],
  [
    'a key in what no organization can be called',
    whoami({ ...key('alice'), ...to('a#b') }),
    deny('organization_forbidden'),
  ],
  [
    'a key with an empty organization',
    whoami({ ...key('alice'), ...to('') }),
    deny('organization_ambiguous'),
  ],
  [
    'a key with two organizations',
    whoami({ ...key('alice'), 'X-Tenant-Id': ['acme-corp', 'globex'] }),
    deny('organization_ambiguous'),
  ],
  [
    'a key with organizations in a list',
    whoami({ ...key('alice'), ...to('acme-corp,globex') }),
    deny('organization_ambiguous'),
  ],
  ['a key of somebody in no organization', whoami(key('carol')), deny('organization_missing')],
  [
    'a role that is not listed opens what needs no scope',
    whoami(key('dave')),
    allow({ role: 'auditor', scopes: '' }),
  ],
  [
    'a role that is not listed opens nothing else',
    records('GET', 'contact', { headers: key('dave') }),
    deny('scope_insufficient'),
  ],
  [
    'a key with permissions has those',
    records('GET', 'contact', { headers: key('aliceContacts') }),
    allow({ scopes: 'records:read:contact' }),
  ],
  [
    'a key with permissions has no others',
    records('GET', 'deal', { headers: key('aliceContacts') }),
    deny('scope_insufficient'),
  ],
  [
    'a key with permissions to read does not write',
    records('POST', 'contact', { headers: key('aliceContacts') }),
    deny('scope_insufficient'),
  ],
  [
    'a key with empty permissions has none',
    records('GET', 'contact', { headers: key('aliceNothing') }),
    deny('scope_insufficient'),
  ],
  [
    'stars in permissions give nothing',
    records('GET', 'contact', { headers: key('aliceStar') }),
    deny('scope_insufficient'),
  ],
  ['stars in permissions are no scopes', whoami(key('aliceStar')), allow({ scopes: '' })],
  [
    'permissions beyond the role of the owner are cut',
    whoami(key('bobManage')),
    allow({ scopes: 'records:read' }),
  ],
  [
    "an organization's key has no user and no role, and does not manage extensions",
    whoami(key('organization')),
    allow({
      ...inAcme,
      credentialKind: 'api_key',
      credentialId: keyIdOf('organization'),
      scopes: 'records:read',
    }),
  ],
  [
    "an organization's key without permissions has none",
    records('GET', 'contact', { headers: key('organizationBare') }),
    deny('scope_insufficient'),
  ],
  [
    "an organization's key in its organization by name",
    whoami({ ...key('organization'), ...to('acme-corp') }),
    allow(inAcme),
  ],
  [
    "an organization's key in another organization",
    whoami({ ...key('organization'), ...to('globex') }),
    deny('organization_forbidden'),
  ],
  ['the key of an organization that is gone', whoami(key('goneOrganization')), deny('organization_missing')],
  ['a disabled key', whoami(key('disabled')), deny('credential_disabled')],
  ['an expired key', whoami(key('expired')), deny('credential_expired')],
  ['a key in its last millisecond', whoami(key('lastMoment')), allow({ expiresAt: nowSeconds })],
  ['a disabled key that has expired', whoami(key('disabledAndExpired')), deny('credential_disabled')],
  ['a key of a configuration that is not ours', whoami(key('foreignConfig')), deny('credential_unknown')],
  ['a key nobody has', whoami({ 'x-api-key': apiKey('live', 'Nobody') }), deny('credential_unknown')],
  [
    'a key of another stage, though it has a row',
    whoami({ 'x-api-key': apiKey('test', 'AliceKey0') }),
    deny('credential_unknown'),
  ],
  [
    'a key whose checksum is wrong',
    whoami({ 'x-api-key': `${keyOf('alice').slice(0, -1)}!` }),
    deny('credential_malformed'),
  ],
  ['a key of impossible shape', whoami({ 'x-api-key': 'hello' }), deny('credential_malformed')],
  [
    'a key where only a session is accepted',
    installation('PUT', { headers: key('alice') }),
    deny('credential_kind_not_accepted'),
  ],
  ['a key for an action', action(key('alice')), deny('credential_kind_not_accepted')],
  [
    'a key from an untrusted origin: the origin rule is for sessions',
    whoami({ ...key('alice'), ...from('https://evil.test') }),
    allow(aliceKey),
  ],
];
