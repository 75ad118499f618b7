import type { CredentialKind, Scope } from './model.ts';

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | '$connect';

/** One protected route. The endpoint behind it is named, so CDK, the local gateway and the docs read one list. */
export interface Route {
  readonly method: RouteMethod;
  /** Path template with `{parameter}`s; a parameter covers exactly one segment. */
  readonly path: string;
  readonly accepts: readonly CredentialKind[];
  /** Scope required; `{parameter}` is replaced by the path's value. Absent: any principal in an organization. */
  readonly scope?: Scope;
  readonly endpoint: 'whoami' | 'records' | 'actions' | 'installations' | 'tokenIssuer' | 'realtime';
}

const session: readonly CredentialKind[] = ['session'];
const records: readonly CredentialKind[] = ['session', 'api_key'];
const any: readonly CredentialKind[] = ['session', 'api_key', 'extension_token'];

/** The one list of what exists behind the authorizer. Anything else is `route_unlisted`. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/v1/whoami', accepts: any, endpoint: 'whoami' },
  { method: 'GET', path: '/v1/records/{entity}', accepts: records, scope: 'records:read:{entity}', endpoint: 'records' },
  { method: 'POST', path: '/v1/records/{entity}', accepts: records, scope: 'records:write:{entity}', endpoint: 'records' },
  { method: 'POST', path: '/api/actions/execute', accepts: ['extension_token'], scope: 'actions:invoke', endpoint: 'actions' },
  { method: 'PUT', path: '/v1/extensions/{extensionId}/installation', accepts: session, scope: 'extensions:manage', endpoint: 'installations' },
  { method: 'DELETE', path: '/v1/extensions/{extensionId}/installation', accepts: session, scope: 'extensions:manage', endpoint: 'installations' },
  { method: 'POST', path: '/v1/extensions/{extensionId}/token', accepts: session, scope: 'extensions:use', endpoint: 'tokenIssuer' },
];

/** Better Auth's own server: no authorizer in front of it. */
export const identityPath = '/api/auth/{proxy+}';

/** `{entity}` of a records route; also the only shape an entity may have inside a scope. */
export const entityPattern = /^[a-z][a-z0-9_-]{0,63}$/;
