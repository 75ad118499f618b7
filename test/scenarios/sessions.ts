import { bob, cachedCookieOf, cookieNames, cookieOf, trustedOrigin } from '../support/world.ts';
import {
  member,
  whoami,
  records,
  action,
  installation,
  to,
  from,
  inGlobex,
  aliceSession,
  allow,
  deny,
  type Row,
} from './scenario.ts';

export const sessions: readonly Row[] = [
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
    'a cookie cache without the member for it is a miss',
    whoami({}, cachedCookieOf('alice', { session: { activeOrganizationId: undefined } })),
    allow(aliceSession),
  ],
  [
    'a cookie cache with an empty organization is a miss',
    whoami({}, cachedCookieOf('alice', { session: { activeOrganizationId: '' } })),
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
    { websocket: allow(aliceSession) },
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
