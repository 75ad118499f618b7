import { deny, type DenialReason } from './denial.ts';
import type { AccessRequest, Cookie, Credential, Deny, SessionCookies } from './model.ts';
import { trimmed } from './white-space.ts';

/** The exact names under which this deployment sets its cookies (`__Secure-` follows https). */
export interface SessionCookieNames {
  readonly token: string;
  readonly data: string;
}

/**
 * Which single credential does the request present? Pure; nothing is verified and no I/O has happened.
 *
 * An explicit credential (any `Authorization` or `x-api-key` header, empty and malformed ones too)
 * outranks the ambient cookie and is final. Otherwise a page that can add a header could make a request
 * fall back to the cookie of somebody who did not mean to send it.
 */
export function classify(
  request: AccessRequest,
  cookieNames: SessionCookieNames,
): Credential | Deny<DenialReason> {
  if (request.oversized) return deny('credential_malformed');

  const keys = presented(request, 'x-api-key');
  const authorizations = presented(request, 'authorization');
  if (keys.length + authorizations.length > 1) return deny('credential_ambiguous');

  const [key] = keys;
  if (key !== undefined) return apiKey(key);
  const [authorization] = authorizations;
  if (authorization !== undefined) return bearer(authorization);
  return session(request.cookies, cookieNames);
}

/**
 * Distinct values of a header. HTTP APIs join repeated headers with commas and REST APIs do not, so both
 * spellings are split: one request must get one decision on every surface.
 */
function presented(request: AccessRequest, name: string): readonly string[] {
  const values = request.headers.get(name);
  if (!values) return none;
  const [first = ''] = values;
  if (values.length === 1 && !first.includes(',')) return [trimmed(first)];
  return [...new Set(values.flatMap((value) => value.split(',')).map(trimmed))];
}

const none: readonly string[] = [];

/** Visible ASCII: what can be part of a key or a token. Controls would end up in a digest, never in a log. */
const visible = /^[\x21-\x7e]+$/;

function apiKey(key: string): Credential | Deny<DenialReason> {
  return visible.test(key) ? { kind: 'api_key', key } : deny('credential_malformed');
}

/** RFC 6750 §2.1, scheme case-insensitive (RFC 9110 §11.1). Exactly two dots: a JWT in compact form. */
function bearer(authorization: string): Credential | Deny<DenialReason> {
  const value = /^bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
  if (value === undefined) return deny('credential_malformed');
  return value.split('.').length === 3 ? { kind: 'extension_token', token: value } : apiKey(value);
}

function session(cookies: readonly Cookie[], names: SessionCookieNames): Credential | Deny<DenialReason> {
  const token = only(cookies, names.token);
  if (token === 'ambiguous') return deny('credential_ambiguous');
  if (token === undefined) return deny('credential_missing');
  const data = cookieCache(cookies, names.data);
  if (data === 'ambiguous') return deny('credential_ambiguous');

  const decodedToken = decode(token.value);
  const decodedData = decode(data.value);
  // A cache that cannot be read is only a lost cache; a session token that cannot be read is no credential.
  if (!decodedToken) return deny('credential_malformed');
  const presentedCookies: SessionCookies = decodedData
    ? { token: decodedToken, data: decodedData }
    : { token: decodedToken };
  return { kind: 'session', cookies: presentedCookies };
}

/**
 * A cookie name sent twice with different values is refused: whoever can set a cookie on a sibling domain
 * could otherwise choose which of the two the server sees (cookie tossing, RFC 6265 §8.6).
 */
function only(cookies: readonly Cookie[], name: string): { value: string } | 'ambiguous' | undefined {
  let found: { value: string } | undefined;
  for (const { name: each, value } of cookies) {
    if (each !== name) continue;
    if (found && found.value !== value) return 'ambiguous';
    found = { value };
  }
  return found;
}

/**
 * Better Auth splits a long cookie cache into `name.0`, `name.1`, …; a gap means it is incomplete. Empty when
 * there is none.
 */
function cookieCache(cookies: readonly Cookie[], name: string): { value: string } | 'ambiguous' {
  const whole = only(cookies, name);
  if (whole) return whole;
  const chunks: string[] = [];
  for (let index = 0; ; index += 1) {
    const chunk = only(cookies, `${name}.${index}`);
    if (chunk === 'ambiguous') return chunk;
    if (chunk === undefined) break;
    chunks.push(chunk.value);
  }
  return { value: chunks.join('') };
}

/** As Better Auth's cookie parser does: optional quotes, one round of percent-decoding. */
function decode(value: string): string | undefined {
  const bare = value.startsWith('"') ? value.slice(1, -1) : value;
  if (!bare.includes('%')) return bare;
  try {
    return decodeURIComponent(bare);
  } catch {
    return undefined;
  }
}
