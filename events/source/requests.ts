import type { DenialReason } from '../../lambda/core/denial.ts';
import {
  action,
  bearing,
  browsing,
  callers,
  connection,
  inForeign,
  offering,
  records,
  row,
  whoami,
  withKey,
  type Expected,
  type Request,
} from './request.ts';
import type { Sent } from './gateway.ts';
import * as world from './world.ts';

const aKey = { allow: callers.apiKey };
const aSession = { allow: callers.session };
const aToken = { allow: callers.extensionToken };
const no = (reason: DenialReason): Expected => ({ deny: reason });
const unlisted: Sent = { method: 'GET', path: '/v1/nothing' };

/** In front of an endpoint, the whole request in sight. */
export const ofEndpoints: readonly Request[] = [
  row('api-key', 'an API key reads records', withKey(records('GET')), aKey),
  row('session', 'a session asks who it is', browsing(whoami), aSession),
  row(
    'session-write',
    'a session writes from a trusted origin',
    browsing(records('POST'), world.trustedOrigin),
    aSession,
  ),
  row(
    'extension-token',
    'an extension token executes an action',
    bearing(action, world.expiredToken),
    no('credential_expired'),
    aToken,
  ),
  row('no-credential', 'nothing is presented', whoami, no('credential_missing')),
  row(
    'tampered-cookie',
    'the cookie names another session than was signed',
    browsing(whoami, undefined, world.tamperedCookie),
    no('signature_invalid'),
  ),
  row(
    'unknown-key',
    'a well-formed key that nobody has',
    withKey(records('GET'), world.unknownKey),
    no('credential_unknown'),
  ),
  row(
    'forged-token',
    'a token that somebody else signed',
    bearing(action, world.forgedToken),
    no('signature_invalid'),
  ),
  row(
    'malformed',
    'neither a key nor a token',
    bearing(whoami, 'neither-key-nor-token'),
    no('credential_malformed'),
  ),
  row(
    'foreign-tenant',
    'an organization the user is not in',
    inForeign(withKey(records('GET'))),
    no('organization_forbidden'),
  ),
  row(
    'foreign-origin',
    'a session writes from a foreign origin',
    browsing(records('POST'), world.foreignOrigin),
    no('origin_untrusted'),
  ),
  row(
    'kind-not-accepted',
    'an API key executes an action',
    withKey(action),
    no('credential_kind_not_accepted'),
  ),
  row(
    'unlisted-route',
    'an API key asks for a route that is not there',
    withKey(unlisted),
    no('route_unlisted'),
  ),
];

/** In front of an endpoint, one header in sight. */
export const ofOneHeader: readonly Request[] = [
  row('api-key', 'an API key reads records', bearing(records('GET'), world.apiKey.text), aKey),
  row(
    'extension-token',
    'an extension token executes an action',
    bearing(action, world.expiredToken),
    no('credential_expired'),
    aToken,
  ),
  row(
    'unknown-key',
    'a well-formed key that nobody has',
    bearing(records('GET'), world.unknownKey),
    no('credential_unknown'),
  ),
  row(
    'forged-token',
    'a token that somebody else signed',
    bearing(action, world.forgedToken),
    no('signature_invalid'),
  ),
  row(
    'malformed',
    'neither a key nor a token',
    bearing(whoami, 'neither-key-nor-token'),
    no('credential_malformed'),
  ),
  row(
    'kind-not-accepted',
    'an API key executes an action',
    bearing(action, world.apiKey.text),
    no('credential_kind_not_accepted'),
  ),
  row(
    'unlisted-route',
    'an API key asks for a route that is not there',
    bearing(unlisted, world.apiKey.text),
    no('route_unlisted'),
  ),
];

/** In front of a WebSocket API. */
export const ofConnections: readonly Request[] = [
  row('api-key', 'an API key connects', withKey(connection), aKey),
  row(
    'session',
    'a session connects from a trusted origin',
    browsing(connection, world.trustedOrigin),
    aSession,
  ),
  row(
    'extension-token',
    'an extension token connects, offered as a subprotocol',
    offering(world.expiredToken),
    no('credential_expired'),
    aToken,
  ),
  row('no-credential', 'nothing is presented', connection, no('credential_missing')),
  row(
    'tampered-cookie',
    'the cookie names another session than was signed',
    browsing(connection, world.trustedOrigin, world.tamperedCookie),
    no('signature_invalid'),
  ),
  row(
    'unknown-key',
    'a well-formed key that nobody has',
    withKey(connection, world.unknownKey),
    no('credential_unknown'),
  ),
  row(
    'forged-token',
    'a token that somebody else signed',
    offering(world.forgedToken),
    no('signature_invalid'),
  ),
  row(
    'malformed',
    'a subprotocol with something else than a token',
    offering('nothing'),
    no('credential_malformed'),
  ),
  row(
    'foreign-tenant',
    'an organization the user is not in',
    inForeign(withKey(connection)),
    no('organization_forbidden'),
  ),
  row(
    'foreign-origin',
    'a session connects from a foreign origin',
    browsing(connection, world.foreignOrigin),
    no('origin_untrusted'),
  ),
];
