import { cookieOf, keyOf } from '../support/world.ts';
import {
  aliceKey,
  aliceSession,
  allow,
  cookieUnseen,
  deny,
  key,
  unseen,
  whoami,
  type Row,
} from './scenario.ts';

/** One request in the several forms in which events carry it. */
export const events: readonly Row[] = [
  [
    'no headers: null',
    { ...whoami(), shape: { noHeaders: 'null' } },
    deny('credential_missing'),
    cookieUnseen,
  ],
  [
    'no headers: absent',
    { ...whoami(), shape: { noHeaders: 'absent' } },
    deny('credential_missing'),
    cookieUnseen,
  ],
  ['headers without their lists', { ...whoami(key('alice')), shape: { only: 'headers' } }, allow(aliceKey)],
  [
    'lists of headers alone',
    { ...whoami(key('alice')), shape: { only: 'multiValueHeaders' } },
    allow(aliceKey),
  ],
  [
    'two keys in lists alone',
    { ...whoami({ 'x-api-key': [keyOf('alice'), keyOf('bob')] }), shape: { only: 'multiValueHeaders' } },
    deny('credential_ambiguous'),
  ],
  [
    'one key under two spellings of the name',
    whoami({ 'X-Api-Key': keyOf('alice'), 'x-api-key': keyOf('alice') }),
    allow(aliceKey),
  ],
  [
    'two keys under two spellings of the name',
    whoami({ 'X-Api-Key': keyOf('alice'), 'x-api-key': keyOf('bob') }),
    deny('credential_ambiguous'),
  ],
  [
    'an Authorization of null beside a good session',
    whoami({ Authorization: null }, cookieOf('alice')),
    deny('credential_malformed'),
  ],
  [
    'an Authorization of no values beside a good session',
    whoami({ Authorization: [] }, cookieOf('alice')),
    deny('credential_malformed'),
  ],
  [
    'an organization of null',
    whoami({ ...key('alice'), 'x-tenant-id': null }),
    deny('organization_ambiguous'),
    unseen(aliceKey),
  ],
  [
    'cookies in the headers',
    { ...whoami({}, cookieOf('alice')), shape: { cookiesIn: 'headers' } },
    allow(aliceSession),
    cookieUnseen,
  ],
  [
    'the same cookies in both places',
    { ...whoami({}, cookieOf('alice')), shape: { cookiesIn: 'both' } },
    allow(aliceSession),
    cookieUnseen,
  ],
  [
    'cookies in two headers',
    whoami({ Cookie: ['theme=dark', cookieOf('alice')], Origin: 'https://app.example.com' }),
    allow(aliceSession),
    cookieUnseen,
  ],
  [
    'one session cookie in each of two headers',
    whoami({ Cookie: [cookieOf('alice'), cookieOf('bob')], Origin: 'https://app.example.com' }),
    deny('credential_ambiguous'),
    cookieUnseen,
  ],
  [
    'cookies in lists alone',
    { ...whoami({}, cookieOf('alice')), shape: { only: 'multiValueHeaders' } },
    allow(aliceSession),
    cookieUnseen,
  ],
  [
    'an ARN of 1,600 bytes',
    { ...whoami(key('alice')), path: `/v1/${'x'.repeat(1520)}` },
    deny('route_unlisted'),
  ],
];
