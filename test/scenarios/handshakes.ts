import { cookieOf, keyOf, liveExtension, tokenWith, trustedOrigin } from '../support/world.ts';
import {
  aliceKey,
  aliceSession,
  aliceToken,
  allow,
  bearer,
  cookieUnseen,
  deny,
  from,
  key,
  whoami,
  type Elsewhere,
  type Expected,
  type Row,
} from './scenario.ts';

const live = tokenWith({ aud: liveExtension, extension_id: liveExtension, scopes: ['realtime:connect'] });
const liveToken = { ...aliceToken, scopes: 'realtime:connect', extensionId: liveExtension };
const expired = tokenWith({ iat: 1_000_000_000, exp: 1_000_000_300 });

const offering = (...protocols: readonly string[]) => ({
  'Sec-WebSocket-Protocol': ['crm.v1', ...protocols].join(', '),
});
const onWebSocket = (expected: Expected): Elsewhere => ({ websocket: expected });
const onWebSocketAlone = (expected: Expected): Elsewhere => ({ ...cookieUnseen, websocket: expected });

/** What a browser can say when it opens a WebSocket; on every other surface `bearer.…` is a word like any other. */
export const handshakes: readonly Row[] = [
  ['a token that may connect', whoami(bearer(live)), allow(liveToken)],
  [
    'a token among the subprotocols',
    whoami(offering(`bearer.${live}`)),
    deny('credential_missing'),
    onWebSocketAlone(allow(liveToken)),
  ],
  [
    'a token as the first of the subprotocols',
    whoami({ 'Sec-WebSocket-Protocol': `bearer.${live},crm.v1` }),
    deny('credential_missing'),
    onWebSocketAlone(allow(liveToken)),
  ],
  [
    'a token among the subprotocols, each in a header of its own',
    whoami({ 'Sec-WebSocket-Protocol': ['crm.v1', `bearer.${live}`] }),
    deny('credential_missing'),
    onWebSocketAlone(allow(liveToken)),
  ],
  [
    'a token among the subprotocols from an untrusted origin: the origin rule is for sessions',
    whoami({ ...offering(`bearer.${live}`), ...from('https://evil.test') }),
    deny('credential_missing'),
    onWebSocketAlone(allow(liveToken)),
  ],
  [
    'a token of one extension among the subprotocols that may not connect',
    whoami(offering(`bearer.${tokenWith()}`)),
    deny('credential_missing'),
    onWebSocketAlone(deny('scope_insufficient')),
  ],
  [
    'an expired token among the subprotocols',
    whoami(offering(`bearer.${expired}`)),
    deny('credential_missing'),
    onWebSocketAlone(deny('credential_expired')),
  ],
  [
    'a token among the subprotocols and the same one as Bearer',
    whoami({ ...bearer(live), ...offering(`bearer.${live}`) }),
    allow(liveToken),
  ],
  [
    'a token among the subprotocols and another one as Bearer',
    whoami({ ...bearer(live), ...offering(`bearer.${tokenWith()}`) }),
    allow(liveToken),
    onWebSocket(deny('credential_ambiguous')),
  ],
  [
    'a token among the subprotocols and a key',
    whoami({ ...key('alice'), ...offering(`bearer.${live}`) }),
    allow(aliceKey),
    onWebSocket(deny('credential_ambiguous')),
  ],
  [
    'two tokens among the subprotocols',
    whoami(offering(`bearer.${live}`, `bearer.${tokenWith()}`)),
    deny('credential_missing'),
    onWebSocketAlone(deny('credential_ambiguous')),
  ],
  [
    'a token among the subprotocols beside a session',
    whoami(offering(`bearer.${live}`), cookieOf('bob')),
    allow({ credentialKind: 'session' }),
    onWebSocketAlone(allow(liveToken)),
  ],
  [
    'a bad token among the subprotocols beside a good session',
    whoami(offering(`bearer.${expired}`), cookieOf('alice')),
    allow(aliceSession),
    onWebSocketAlone(deny('credential_expired')),
  ],
  [
    'an empty token among the subprotocols beside a good session',
    whoami(offering('bearer.'), cookieOf('alice')),
    allow(aliceSession),
    onWebSocketAlone(deny('credential_malformed')),
  ],
  [
    'a key among the subprotocols: only a token may be given this way',
    whoami(offering(`bearer.${keyOf('alice')}`)),
    deny('credential_missing'),
    onWebSocketAlone(deny('credential_malformed')),
  ],
  ['a key beside our subprotocol', whoami({ ...key('alice'), ...offering() }), allow(aliceKey)],
  [
    'credentials in the query string',
    {
      ...whoami(),
      query: { 'x-api-key': keyOf('alice'), access_token: live, token: live, authorization: live },
    },
    deny('credential_missing'),
    cookieUnseen,
  ],
  [
    'a session from a trusted origin',
    whoami(from(trustedOrigin), cookieOf('alice')),
    allow(aliceSession),
    cookieUnseen,
  ],
  [
    'a session from an untrusted origin',
    whoami(from('https://evil.test'), cookieOf('alice')),
    deny('origin_untrusted'),
    cookieUnseen,
  ],
  ['a session from null', whoami(from('null'), cookieOf('alice')), deny('origin_untrusted'), cookieUnseen],
  [
    'a session from two origins',
    whoami({ Origin: [trustedOrigin, 'https://evil.test'] }, cookieOf('alice')),
    deny('origin_untrusted'),
    cookieUnseen,
  ],
  [
    'a session without an origin: enough to read, not to connect',
    { ...whoami({}, cookieOf('alice')), browser: false },
    allow(aliceSession),
    onWebSocketAlone(deny('origin_untrusted')),
  ],
];
