import type { DenialReason } from '../../lambda/core/denial.ts';
import type { Sent } from './gateway.ts';
import * as world from './world.ts';

/** What an authorizer must say: an organization and who acts in it, a refusal, or that it could not tell. */
export type Expected =
  | { readonly allow: Readonly<Record<string, string | number>> }
  | { readonly deny: DenialReason }
  | { readonly fault: true };

/** One request, and what every authorizer that sees it must say. */
export interface Request {
  readonly name: string;
  readonly says: string;
  readonly sent: Sent;
  readonly expected: Expected;
  /** The same with a token that has not expired. */
  readonly fresh?: Expected;
}

const caller = {
  organizationId: world.organization.id,
  organizationSlug: world.organization.slug,
  userId: world.user.id,
  role: 'owner',
};
export const callers = {
  apiKey: { ...caller, credentialKind: 'api_key', credentialId: world.apiKey.id, scopes: '*' },
  session: {
    ...caller,
    credentialKind: 'session',
    credentialId: world.session.id,
    scopes: '*',
    expiresAt: world.distant / 1000,
  },
  extensionToken: {
    ...caller,
    credentialKind: 'extension_token',
    scopes: world.extension.scopes.join(' '),
    extensionId: world.extension.id,
  },
};

export const whoami: Sent = { method: 'GET', path: '/v1/whoami' };
export const records = (method: 'GET' | 'POST'): Sent => ({
  method,
  path: '/v1/records/contact',
  resource: '/v1/records/{entity}',
  pathParameters: { entity: 'contact' },
});
export const action: Sent = { method: 'POST', path: '/api/actions/execute' };
export const connection: Sent = { method: 'GET', path: '/' };

export const row = (
  name: string,
  says: string,
  sent: Sent,
  expected: Expected,
  fresh?: Expected,
): Request => ({
  name,
  says,
  sent,
  expected,
  ...(fresh ? { fresh } : {}),
});
export const withKey = (sent: Sent, key = world.apiKey.text): Sent => ({
  ...sent,
  headers: { 'x-api-key': key },
});
export const bearing = (sent: Sent, credential: string): Sent => ({
  ...sent,
  headers: { Authorization: `Bearer ${credential}` },
});
export const browsing = (sent: Sent, origin?: string, cookie = world.sessionCookie): Sent => ({
  ...sent,
  cookie,
  ...(origin === undefined ? {} : { headers: { Origin: origin } }),
});
export const offering = (credential: string): Sent => ({
  ...connection,
  headers: { 'Sec-WebSocket-Protocol': `crm.v1, bearer.${credential}` },
});
export const inForeign = (sent: Sent): Sent => ({
  ...sent,
  headers: { ...sent.headers, 'x-tenant-id': world.foreign.slug },
});
