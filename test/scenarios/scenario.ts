import type { DenialReason } from '../../lambda/core/denial.ts';
import type { Sent } from '../support/event.ts';
import {
  acme,
  alice,
  claims,
  extension,
  globex,
  jti,
  keyIdOf,
  keyOf,
  nowSeconds,
  sessionIdOf,
} from '../support/world.ts';

/** What a decision must be, said once for all surfaces. */
export type Expected =
  { readonly allow: Readonly<Record<string, string | number>> } | { readonly deny: DenialReason };

/** Surfaces that are shown less, or have other routes, than the rest. */
export type OtherSurface = 'rest-token' | 'websocket';
/** Where another answer is right, and which. */
export type Elsewhere = { readonly [Surface in OtherSurface]?: Expected };

export interface Scenario {
  readonly name: string;
  readonly sent: Sent;
  readonly expected: Expected;
  readonly elsewhere: Elsewhere;
}

export const member = 'records:read records:write actions:invoke extensions:use realtime:connect';

// Requests.
export const whoami = (headers: Sent['headers'] = {}, cookie?: string): Sent => ({
  method: 'GET',
  path: '/v1/whoami',
  headers,
  ...(cookie === undefined ? {} : { cookie }),
});
export const records = (
  method: 'GET' | 'POST',
  entity: string,
  sent: Omit<Sent, 'method' | 'path'>,
): Sent => ({
  method,
  path: `/v1/records/${entity}`,
  resource: '/v1/records/{entity}',
  ...sent,
});
export const action = (headers: Sent['headers'], cookie?: string): Sent => ({
  ...whoami(headers, cookie),
  method: 'POST',
  path: '/api/actions/execute',
});
export const installation = (method: 'PUT' | 'DELETE', sent: Omit<Sent, 'method' | 'path'>): Sent => ({
  method,
  path: `/v1/extensions/${extension}/installation`,
  resource: '/v1/extensions/{extensionId}/installation',
  ...sent,
});
export const key = (name: Parameters<typeof keyOf>[0]) => ({ 'x-api-key': keyOf(name) });
export const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
export const to = (tenant: string) => ({ 'x-tenant-id': tenant });
export const from = (origin: string) => ({ Origin: origin });

// Contexts.
export const inAcme = { organizationId: acme.id, organizationSlug: acme.slug };
export const inGlobex = { organizationId: globex.id, organizationSlug: globex.slug };
export const aliceKey = {
  ...inAcme,
  userId: alice,
  role: 'owner',
  credentialKind: 'api_key',
  credentialId: keyIdOf('alice'),
  scopes: '*',
};
export const aliceSession = {
  ...inAcme,
  userId: alice,
  role: 'owner',
  credentialKind: 'session',
  credentialId: sessionIdOf('alice'),
  scopes: '*',
  expiresAt: nowSeconds + 86_400,
};
export const aliceToken = {
  ...inAcme,
  userId: alice,
  role: 'owner',
  credentialKind: 'extension_token',
  credentialId: jti,
  scopes: 'records:read actions:invoke',
  expiresAt: claims.exp,
  extensionId: extension,
};

export type Row = readonly [name: string, sent: Sent, expected: Expected, elsewhere?: Elsewhere];
export const allow = (context: Readonly<Record<string, string | number>>): Expected => ({ allow: context });
export const deny = (reason: DenialReason): Expected => ({ deny: reason });

// Why an answer is another one on one surface.
/** A TOKEN authorizer is shown no `x-tenant-id`: a key resolves to its first organization, a token to its own. */
export const unseen = (context: Readonly<Record<string, string | number>>): Elsewhere => ({
  'rest-token': allow(context),
});
/** A TOKEN authorizer is shown no cookie, and a header without a value is no credential. */
export const cookieUnseen: Elsewhere = { 'rest-token': deny('credential_malformed') };
/** `$connect` requires `realtime:connect`. */
export const notConnecting: Elsewhere = { websocket: deny('scope_insufficient') };
