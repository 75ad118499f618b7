import type { CredentialKind } from '../core/model.ts';

/**
 * What the authorizer established about the caller: verified, and all an endpoint may know them by. Nothing in
 * the request itself says who calls or for which organization.
 */
export interface AuthContext {
  readonly organizationId: string;
  readonly organizationSlug: string;
  /** Absent for an organization's own key. */
  readonly userId?: string;
  /** Several are comma-separated; absent for an organization's own key. */
  readonly role?: string;
  readonly credentialKind: CredentialKind;
  /** API key id, session id or `jti`. */
  readonly credentialId: string;
  /** Effective scopes, space-delimited; `*` is everything. */
  readonly scopes: string;
  /** Epoch seconds; absent when the credential does not expire. */
  readonly expiresAt?: number;
  /** For extension tokens. */
  readonly extensionId?: string;
}

/**
 * Reads the authorizer's context from the event of a REST, HTTP (payload 1.0 and 2.0) or WebSocket API.
 * Only the members above are read, whatever else the gateway adds (`principalId`, `integrationLatency`).
 *
 * @returns `undefined` when there is none or it is not complete: the function then stands behind no
 *   authorizer, or not behind ours, and must not answer
 */
export function authContext(event: unknown): AuthContext | undefined {
  const authorizer = member(member(event, 'requestContext'), 'authorizer');
  const nested = member(authorizer, 'lambda');
  // Payload 2.0 keeps what a Lambda authorizer said apart from what others did.
  const source = typeof nested === 'object' && nested !== null ? nested : authorizer;

  const organizationId = text(member(source, 'organizationId'));
  const organizationSlug = text(member(source, 'organizationSlug'));
  const credentialKind = kind(member(source, 'credentialKind'));
  const credentialId = text(member(source, 'credentialId'));
  const scopes = member(source, 'scopes');
  if (!organizationId || !organizationSlug || !credentialKind || !credentialId) return undefined;
  if (typeof scopes !== 'string') return undefined;

  const userId = optional(source, 'userId', text);
  const role = optional(source, 'role', text);
  const extensionId = optional(source, 'extensionId', text);
  const expiresAt = optional(source, 'expiresAt', seconds);
  if (!userId || !role || !extensionId || !expiresAt) return undefined;
  return {
    organizationId,
    organizationSlug,
    ...userId,
    ...role,
    credentialKind,
    credentialId,
    scopes,
    ...expiresAt,
    ...extensionId,
  };
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const kinds: readonly CredentialKind[] = ['api_key', 'session', 'extension_token'];

const kind = (value: unknown): CredentialKind | undefined => kinds.find((each) => each === value);

/** REST and WebSocket APIs hand every value on as text, HTTP APIs as what it was. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** The member by its name, nothing when it is absent, `undefined` when it is not what it must be. */
function optional<Name extends string, T>(
  source: unknown,
  name: Name,
  read: (value: unknown) => T | undefined,
): { readonly [Key in Name]?: T } | undefined {
  const value = member(source, name);
  if (value === undefined || value === null) return {};
  const found = read(value);
  return found === undefined ? undefined : named(name, found);
}

function named<Name extends string, T>(name: Name, value: T): { readonly [Key in Name]?: T } {
  const single: { [Key in Name]?: T } = {};
  single[name] = value;
  return single;
}
