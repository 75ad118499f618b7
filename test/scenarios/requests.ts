import { apiKey } from '../support/api-key.ts';
import { cookieHeader, signedToken } from '../support/cookie.ts';
import { cookieNames, cookieOf, keyOf, tokenWith } from '../support/world.ts';
import {
  whoami,
  records,
  key,
  aliceKey,
  allow,
  deny,
  type Row,
  bearer,
  aliceToken,
  unseen,
  cookieUnseen,
} from './scenario.ts';

export const requests: readonly Row[] = [
  ['no credential', whoami(), deny('credential_missing'), cookieUnseen],
  [
    'an API key and a token',
    whoami({ ...key('alice'), ...bearer(tokenWith()) }),
    deny('credential_ambiguous'),
    unseen(aliceToken),
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
    cookieUnseen,
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
    unseen(aliceKey),
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
    unseen(aliceKey),
  ],
];
