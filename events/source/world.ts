import { createHmac } from 'node:crypto';
import { keyChecksum } from '../../lambda/credentials/api-key-format.ts';
import { environment } from './environment.ts';

/**
 * Who and what the events speak of. Everything is fixed, so that a committed event stays valid; the rows are
 * written by `seed.ts`. Nothing here is secret: it works with the example secrets of `env.json` alone.
 */
const id = (name: string): string => name.padEnd(32, '0');

/** Long past: when everything came to be, and when the events say that they were sent. */
export const epoch = Date.parse('2026-01-01T00:00:00.000Z');
/** Long ahead: the session of the events does not expire. */
export const distant = Date.parse('2100-01-01T00:00:00.000Z');

export const organization = { id: id('EventsOrganization'), slug: 'events-example', name: 'Example' };
/** Exists, and the user is not in it. */
export const foreign = { id: id('EventsForeign'), slug: 'events-foreign', name: 'Foreign' };
export const user = { id: id('EventsUser'), name: 'Events', email: 'events@example.com' };
export const member = { id: id('EventsMember'), role: 'owner' };
export const extension = {
  id: 'com.example.events',
  name: 'Events',
  origins: ['https://extension.example.net'],
  scopes: ['actions:invoke', 'records:read', 'realtime:connect'],
};
export const trustedOrigin = environment.TRUSTED_ORIGINS;
export const foreignOrigin = 'https://evil.example.net';

/** An API key of the dev stage. @param seed what distinguishes it from another */
function key(seed: string): string {
  const body = `crm_test_${seed.repeat(43).slice(0, 43)}`;
  return `${body}_${keyChecksum(body)}`;
}
export const apiKey = { id: id('EventsKey'), text: key('EventsExampleKey') };
/** As a key should be, and nobody's. */
export const unknownKey = key('EventsUnknownKey');

export const session = { id: id('EventsSession'), token: id('EventsSessionToken') };

/** Better Auth's signed cookie. Its signature has no time in it: how long it is good stands in the row. */
function cookie(value: string, secret: string): string {
  const signature = createHmac('sha256', secret).update(value).digest('base64');
  return `better-auth-session=${encodeURIComponent(`${value}.${signature}`)}`;
}
export const sessionCookie = cookie(session.token, environment.BETTER_AUTH_SECRET);
/** The signature is of the right form and of another token. */
export const tamperedCookie = sessionCookie.replace(session.token, id('EventsOtherToken'));

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An extension token that expired: one lives an hour at most, so none that is committed could be valid. */
function token(secret: string): string {
  const iat = epoch / 1000;
  const header = { alg: 'HS256', typ: 'ext+jwt', kid: 'environment' };
  const claims = {
    iss: environment.BETTER_AUTH_URL,
    aud: extension.id,
    extension_id: extension.id,
    sub: user.id,
    userId: user.id,
    orgId: organization.id,
    scopes: extension.scopes,
    iat,
    exp: iat + 300,
    jti: 'events-0123456789abcdef',
  };
  const signed = `${base64url(header)}.${base64url(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
export const expiredToken = token(environment.EXTENSION_TOKEN_SECRET);
/** Signed with a key of somebody else. */
export const forgedToken = token('a key that is not in the ring of the extension tokens');
