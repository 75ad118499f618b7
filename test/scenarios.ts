import type { DenialReason } from '../lambda/core/denial.ts';
import { apiKey } from './support/api-key.ts';
import type { Sent } from './support/event.ts';
import {
  acme,
  alice,
  bob,
  cachedCookieOf,
  claims,
  cookieOf,
  extension,
  globex,
  initech,
  jti,
  keyIdOf,
  keyOf,
  nowSeconds,
  plainKey,
  secretOf,
  sessionIdOf,
  tokenWith,
  trustedOrigin,
} from './support/world.ts';
import { cookieNames } from './support/world.ts';
import { cookieHeader, signedToken } from './support/cookie.ts';
import { jws } from './support/jws.ts';

/** What a decision must be, said once for all surfaces. */
export type Expected =
  { readonly allow: Readonly<Record<string, string | number>> } | { readonly deny: DenialReason };

export interface Scenario {
  readonly name: string;
  readonly sent: Sent;
  readonly expected: Expected;
}

const member = 'records:read records:write actions:invoke extensions:use realtime:connect';

// Requests.
const whoami = (headers: Sent['headers'] = {}, cookie?: string): Sent => ({
  method: 'GET',
  path: '/v1/whoami',
  headers,
  ...(cookie === undefined ? {} : { cookie }),
});
const records = (method: 'GET' | 'POST', entity: string, sent: Omit<Sent, 'method' | 'path'>): Sent => ({
  method,
  path: `/v1/records/${entity}`,
  resource: '/v1/records/{entity}',
  ...sent,
});
const action = (headers: Sent['headers'], cookie?: string): Sent => ({
  ...whoami(headers, cookie),
  method: 'POST',
  path: '/api/actions/execute',
});
const installation = (method: 'PUT' | 'DELETE', sent: Omit<Sent, 'method' | 'path'>): Sent => ({
  method,
  path: `/v1/extensions/${extension}/installation`,
  resource: '/v1/extensions/{extensionId}/installation',
  ...sent,
});
const key = (name: Parameters<typeof keyOf>[0]) => ({ 'x-api-key': keyOf(name) });
const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
const to = (tenant: string) => ({ 'x-tenant-id': tenant });
const from = (origin: string) => ({ Origin: origin });

// Contexts.
const inAcme = { organizationId: acme.id, organizationSlug: acme.slug };
const inGlobex = { organizationId: globex.id, organizationSlug: globex.slug };
const aliceKey = {
  ...inAcme,
  userId: alice,
  role: 'owner',
  credentialKind: 'api_key',
  credentialId: keyIdOf('alice'),
  scopes: '*',
};
const aliceSession = {
  ...inAcme,
  userId: alice,
  role: 'owner',
  credentialKind: 'session',
  credentialId: sessionIdOf('alice'),
  scopes: '*',
  expiresAt: nowSeconds + 86_400,
};
const aliceToken = {
  ...inAcme,
  userId: alice,
  role: 'owner',
  credentialKind: 'extension_token',
  credentialId: jti,
  scopes: 'records:read actions:invoke',
  expiresAt: claims.exp,
  extensionId: extension,
};

type Row = readonly [name: string, sent: Sent, expected: Expected];
const allow = (context: Readonly<Record<string, string | number>>): Expected => ({ allow: context });
const deny = (reason: DenialReason): Expected => ({ deny: reason });

const apiKeys: readonly Row[] = [
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

const sessions: readonly Row[] = [
  ['a session acts in its active organization', whoami({}, cookieOf('alice')), allow(aliceSession)],
  ['a session with a cookie cache', whoami({}, cachedCookieOf('alice')), allow(aliceSession)],
  [
    'a session with an expired cookie cache',
    whoami({}, cachedCookieOf('alice', { expiresAt: 0 })),
    allow(aliceSession),
  ],
  [
    'a cookie cache that names no organization is a miss',
    whoami({}, cachedCookieOf('alice', { session: { activeOrganizationId: null } })),
    allow(aliceSession),
  ],
  [
    'a cookie cache of another session is a miss',
    whoami({}, cachedCookieOf('alice', { of: 'bob' })),
    allow(aliceSession),
  ],
  [
    'a cookie cache of another user is not believed',
    whoami({}, cachedCookieOf('alice', { session: { userId: bob } })),
    deny('credential_unknown'),
  ],
  ['a deleted session', whoami({}, cookieOf('deleted')), deny('credential_unknown')],
  [
    'a deleted session whose cookie cache is alive',
    whoami({}, cachedCookieOf('deleted')),
    deny('credential_unknown'),
  ],
  ['an expired session', whoami({}, cookieOf('expired')), deny('credential_expired')],
  [
    'an expired session whose cookie cache says it is not',
    whoami({}, cachedCookieOf('expired', { session: { expiresAt: '2099-01-01T00:00:00.000Z' } })),
    deny('credential_expired'),
  ],
  [
    'a session signed by a key that is retiring',
    whoami({}, cookieOf('alice', 'session-retiring')),
    allow(aliceSession),
  ],
  [
    'a session signed by a key that is next',
    whoami({}, cookieOf('alice', 'session-next')),
    allow(aliceSession),
  ],
  [
    'a session signed by a retired key',
    whoami({}, cookieOf('alice', 'session-retired')),
    deny('signature_invalid'),
  ],
  [
    'a session signed by a key of the other ring',
    whoami({}, cookieOf('alice', 'token-signing')),
    deny('signature_invalid'),
  ],
  [
    'a session cookie without a signature',
    whoami({}, `${cookieNames.token}=token`),
    deny('credential_malformed'),
  ],
  [
    'a session cookie of the bare name, where cookies are secure',
    whoami({}, cookieOf('alice').replace('__Secure-', '')),
    deny('credential_missing'),
  ],
  [
    'two session cookies',
    whoami({}, `${cookieOf('alice')}; ${cookieOf('bob')}`),
    deny('credential_ambiguous'),
  ],
  [
    'a session in another organization of the user',
    whoami(to('globex'), cookieOf('alice')),
    allow({ ...aliceSession, ...inGlobex, role: 'member', scopes: member }),
  ],
  [
    'a session in an organization the user is not in',
    whoami(to('initech'), cookieOf('alice')),
    deny('organization_forbidden'),
  ],
  [
    'a session whose active organization the user is not in',
    whoami({}, cookieOf('aliceInInitech')),
    deny('organization_forbidden'),
  ],
  [
    'a session without an active organization',
    whoami({}, cookieOf('aliceNowhere')),
    deny('organization_missing'),
  ],
  [
    'a session without an active organization names one',
    whoami(to('globex'), cookieOf('aliceNowhere')),
    allow(inGlobex),
  ],
  [
    'a session writes from a trusted origin',
    records('POST', 'contact', { headers: from(trustedOrigin), cookie: cookieOf('alice') }),
    allow(aliceSession),
  ],
  [
    'a session writes from the origin of Better Auth',
    records('POST', 'contact', { headers: from('https://api.crm.example.com'), cookie: cookieOf('alice') }),
    allow(aliceSession),
  ],
  [
    'a session writes from a trusted subdomain of many labels',
    records('POST', 'contact', { headers: from('https://a.b.apps.example.com'), cookie: cookieOf('alice') }),
    allow(aliceSession),
  ],
  [
    'a session writes without an origin',
    records('POST', 'contact', { cookie: cookieOf('alice') }),
    deny('origin_untrusted'),
  ],
  [
    'a session writes from null',
    records('POST', 'contact', { headers: from('null'), cookie: cookieOf('alice') }),
    deny('origin_untrusted'),
  ],
  [
    'a session writes from an untrusted origin',
    records('POST', 'contact', { headers: from('https://evil.test'), cookie: cookieOf('alice') }),
    deny('origin_untrusted'),
  ],
  [
    'a session reads from an untrusted origin',
    records('GET', 'contact', { headers: from('https://evil.test'), cookie: cookieOf('alice') }),
    deny('origin_untrusted'),
  ],
  [
    'a session reads across sites',
    whoami({ 'Sec-Fetch-Site': 'cross-site' }, cookieOf('alice')),
    deny('origin_untrusted'),
  ],
  [
    'a member does not manage extensions',
    installation('DELETE', { headers: from(trustedOrigin), cookie: cookieOf('bob') }),
    deny('scope_insufficient'),
  ],
  [
    'an owner manages extensions',
    installation('DELETE', { headers: from(trustedOrigin), cookie: cookieOf('alice') }),
    allow(aliceSession),
  ],
  [
    'a session for an action',
    action(from(trustedOrigin), cookieOf('alice')),
    deny('credential_kind_not_accepted'),
  ],
];

const extensionTokens: readonly Row[] = [
  ['an extension token', whoami(bearer(tokenWith())), allow(aliceToken)],
  ['an extension token invokes an action', action(bearer(tokenWith())), allow(aliceToken)],
  [
    'an extension token signed by a key that is retiring',
    whoami(bearer(tokenWith({}, {}, 'token-retiring'))),
    allow(aliceToken),
  ],
  [
    'an extension token signed by a key that is next',
    whoami(bearer(tokenWith({}, {}, 'token-next'))),
    allow(aliceToken),
  ],
  [
    'an extension token signed by a retired key',
    whoami(bearer(tokenWith({}, {}, 'token-retired'))),
    deny('signature_invalid'),
  ],
  [
    'an extension token under a key nobody knows',
    whoami(bearer(jws({ alg: 'HS256', typ: 'ext+jwt', kid: 'nobody' }, claims, secretOf('token-signing')))),
    deny('signature_invalid'),
  ],
  [
    'an extension token signed by a session key',
    whoami(
      bearer(
        jws({ alg: 'HS256', typ: 'ext+jwt', kid: 'session-signing' }, claims, secretOf('session-signing')),
      ),
    ),
    deny('signature_invalid'),
  ],
  [
    'an extension token named for the session on a POST to records',
    records('POST', 'contact', { headers: bearer(tokenWith()) }),
    deny('credential_kind_not_accepted'),
  ],
  [
    'an extension token without the scope',
    action(bearer(tokenWith({ scopes: ['records:read'] }))),
    deny('scope_insufficient'),
  ],
  [
    'an extension token whose scopes the installation does not grant',
    whoami(bearer(tokenWith({ scopes: ['extensions:manage', 'records:write'] }))),
    allow({ scopes: 'records:write:contact' }),
  ],
  [
    'an extension token of an extension that is not installed',
    whoami(bearer(tokenWith({ aud: 'other', extension_id: 'other' }))),
    deny('installation_inactive'),
  ],
  [
    'an extension token of an installation that is switched off',
    whoami(bearer(tokenWith({ orgId: globex.id }))),
    deny('installation_inactive'),
  ],
  [
    'an extension token in an organization the user is not in',
    whoami(bearer(tokenWith({ orgId: initech.id }))),
    deny('organization_forbidden'),
  ],
  [
    'an extension token in its organization by name',
    whoami({ ...bearer(tokenWith()), ...to('acme-corp') }),
    allow(aliceToken),
  ],
  [
    'an extension token in another organization of the user',
    whoami({ ...bearer(tokenWith()), ...to('globex') }),
    deny('organization_mismatch'),
  ],
  [
    'an extension token that has expired',
    whoami(bearer(tokenWith({ iat: nowSeconds - 400, exp: nowSeconds - 31 }))),
    deny('credential_expired'),
  ],
  [
    'an extension token from the future',
    whoami(bearer(tokenWith({ iat: nowSeconds + 60, exp: nowSeconds + 90 }))),
    deny('claims_invalid'),
  ],
  [
    'an extension token of another issuer',
    whoami(bearer(tokenWith({ iss: 'https://evil.test' }))),
    deny('claims_invalid'),
  ],
  [
    'an extension token that asks for everything',
    whoami(bearer(tokenWith({ scopes: ['*'] }))),
    deny('claims_invalid'),
  ],
  [
    'an unsigned token',
    whoami(bearer(`${tokenWith().split('.').slice(0, 2).join('.')}.`)),
    deny('credential_malformed'),
  ],
  ['a token of algorithm none', whoami(bearer(tokenWith({}, { alg: 'none' }))), deny('credential_malformed')],
];

const requests: readonly Row[] = [
  ['no credential', whoami(), deny('credential_missing')],
  [
    'an API key and a token',
    whoami({ ...key('alice'), ...bearer(tokenWith()) }),
    deny('credential_ambiguous'),
  ],
  ['an API key twice', whoami({ 'X-Api-Key': [keyOf('alice'), keyOf('alice')] }), allow(aliceKey)],
  ['two API keys', whoami({ 'X-Api-Key': [keyOf('alice'), keyOf('bob')] }), deny('credential_ambiguous')],
  [
    'an empty Authorization beside a good session',
    whoami({ Authorization: '' }, cookieOf('alice')),
    deny('credential_malformed'),
  ],
  [
    'another scheme beside a good session',
    whoami({ Authorization: 'Basic YTpi' }, cookieOf('alice')),
    deny('credential_malformed'),
  ],
  [
    'an unknown key beside a good session',
    whoami({ 'x-api-key': apiKey('live', 'Nobody') }, cookieOf('alice')),
    deny('credential_unknown'),
  ],
  [
    'header names in any case',
    whoami({ 'X-API-KEY': keyOf('alice'), 'X-TENANT-ID': 'acme-corp' }),
    allow(aliceKey),
  ],
  [
    'a good session in quotes',
    whoami({}, cookieHeader({ [cookieNames.token]: signedToken('x', 'y') }).replace(/=(.*)/, '="$1"')),
    deny('signature_invalid'),
  ],
  [
    'a path with an encoded letter',
    { ...whoami(key('alice')), path: '/v1/who%61mi', resource: '/v1/whoami' },
    deny('route_unlisted'),
  ],
  [
    'a path with a trailing slash',
    { ...whoami(key('alice')), path: '/v1/whoami/', resource: '/v1/whoami' },
    deny('route_unlisted'),
  ],
  [
    'a path with an encoded slash',
    records('GET', 'a%2Fb', { headers: key('alice') }),
    deny('route_unlisted'),
  ],
  ['a path with a star', records('GET', '*', { headers: key('alice') }), deny('route_unlisted')],
  ['an entity in upper case', records('GET', 'Contact', { headers: key('alice') }), deny('route_unlisted')],
  ['an entity of 64 characters', records('GET', 'e'.repeat(64), { headers: key('alice') }), allow(aliceKey)],
  [
    'an entity of 65 characters',
    records('GET', 'e'.repeat(65), { headers: key('alice') }),
    deny('route_unlisted'),
  ],
  [
    'a route of another resource than the gateway matched',
    { ...whoami(key('alice')), resource: '/v1/records/{entity}' },
    deny('route_unlisted'),
  ],
  [
    'a path of 1,500 characters',
    { ...whoami(key('alice')), path: `/v1/${'x'.repeat(1500)}` },
    deny('route_unlisted'),
  ],
  [
    'a key of 4,096 bytes is looked at',
    whoami({ 'x-api-key': 'k'.repeat(4096) }),
    deny('credential_malformed'),
  ],
  ['a key of 4,097 bytes is not', whoami({ 'x-api-key': 'k'.repeat(4097) }), deny('credential_malformed')],
  [
    'cookies of 8,192 bytes beside a good key',
    whoami(key('alice'), `a=${'x'.repeat(8190)}`),
    allow(aliceKey),
  ],
  [
    'cookies of 8,193 bytes beside a good key',
    whoami(key('alice'), `a=${'x'.repeat(8191)}`),
    deny('credential_malformed'),
  ],
];

const named = (rows: readonly Row[]): readonly Scenario[] =>
  rows.map(([name, sent, expected]) => ({ name, sent, expected }));

/** Every request whose decision the contract settles, the same on every surface that can carry it. */
export const scenarios: Readonly<Record<string, readonly Scenario[]>> = {
  'API key': named(apiKeys),
  session: named(sessions),
  'extension token': named(extensionTokens),
  request: named(requests),
};
