import type { CredentialKind, Scope } from './model.ts';

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | '$connect';

/** One protected route. The endpoint behind it is named, so CDK, the local gateway and the docs read one list. */
export interface Route {
  readonly method: RouteMethod;
  /** Path template; a `{parameter}` covers exactly one segment. */
  readonly path: string;
  readonly accepts: readonly CredentialKind[];
  /** Scope required; `{parameter}` is replaced by the path's value. Absent: any principal in an organization. */
  readonly scope?: Scope;
  readonly endpoint: Endpoint;
}

export type Endpoint = 'whoami' | 'records' | 'actions' | 'installations' | 'tokenIssuer' | 'realtime';

const all: readonly CredentialKind[] = ['session', 'api_key', 'extension_token'];
const direct: readonly CredentialKind[] = ['session', 'api_key'];
const session: readonly CredentialKind[] = ['session'];
const extension: readonly CredentialKind[] = ['extension_token'];

const records = '/v1/records/{entity}';
const installation = '/v1/extensions/{extensionId}/installation';
const token = '/v1/extensions/{extensionId}/token';
const actions = '/api/actions/execute';

/** The one list of what exists behind the authorizer. Anything else is `route_unlisted`. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/v1/whoami', accepts: all, endpoint: 'whoami' },
  { method: 'GET', path: records, accepts: direct, scope: 'records:read:{entity}', endpoint: 'records' },
  { method: 'POST', path: records, accepts: direct, scope: 'records:write:{entity}', endpoint: 'records' },
  { method: 'POST', path: actions, accepts: extension, scope: 'actions:invoke', endpoint: 'actions' },
  {
    method: 'PUT',
    path: installation,
    accepts: session,
    scope: 'extensions:manage',
    endpoint: 'installations',
  },
  {
    method: 'DELETE',
    path: installation,
    accepts: session,
    scope: 'extensions:manage',
    endpoint: 'installations',
  },
  { method: 'POST', path: token, accepts: session, scope: 'extensions:use', endpoint: 'tokenIssuer' },
  { method: '$connect', path: '/', accepts: all, scope: 'realtime:connect', endpoint: 'realtime' },
];

/** Better Auth's own server: no authorizer in front of it. */
export const identityPath = '/api/auth/{proxy+}';

/** `{entity}` of a records route; also the only shape an entity may have inside a scope. */
export const entityPattern = /^[a-z][a-z0-9_-]{0,63}$/;

/** `{extensionId}`: chosen by whoever installs the extension, for example `com.example.mail-merge`. */
export const extensionIdPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What a parameter's value may be. One not named here takes any unreserved characters (RFC 3986 §2.3). */
export const parameterPatterns: ReadonlyMap<string, RegExp> = new Map([
  ['entity', entityPattern],
  ['extensionId', extensionIdPattern],
]);
