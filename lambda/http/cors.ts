import type { OriginMatcher } from '../core/origin.ts';
import { routes, type Endpoint } from '../core/routes.ts';
import type { Headers } from '../surfaces/headers.ts';

export type HeaderFields = Readonly<Record<string, string>>;

/** Which pages may read an answer: header fields for a request with these headers (Fetch Standard §3.2). */
export type CorsPolicy = (headers: Headers) => HeaderFields;

/**
 * For pages of ours: the request's origin is echoed if it is trusted, and cookies may be sent. An untrusted
 * page gets no header, so its browser keeps the answer from it. `Vary`, or a cache could hand the answer for
 * one origin to another.
 */
const trustedPages =
  (trusted: OriginMatcher): CorsPolicy =>
  (headers) => {
    const [origin, ...others] = new Set(headers.get('origin'));
    if (origin === undefined || others.length > 0 || !trusted(origin)) return { Vary: 'Origin' };
    return {
      'Access-Control-Allow-Origin': origin,
      'Access-Control-Allow-Credentials': 'true',
      Vary: 'Origin',
    };
  };

/**
 * For pages of extensions, whose origins are never trusted: anybody may read, nobody's cookie is sent. A
 * token in a header is the only credential such a request can have.
 */
const anyPage: CorsPolicy = () => ({ 'Access-Control-Allow-Origin': '*' });

export const corsPolicy = (endpoint: Endpoint | undefined, trusted: OriginMatcher): CorsPolicy =>
  endpoint === 'actions' ? anyPage : trustedPages(trusted);

/** Seconds a browser may remember a preflight's answer: as long as it may go on after trust was withdrawn. */
const maxAge = 600;

/** The answer to a preflight for the route at `path`; nothing is allowed to an untrusted origin. */
export function preflightFields(path: string, headers: Headers, trusted: OriginMatcher): HeaderFields {
  const endpoint = routes.find((route) => route.path === path)?.endpoint;
  const origin = corsPolicy(endpoint, trusted)(headers);
  if (!('Access-Control-Allow-Origin' in origin)) return origin;
  return {
    ...origin,
    'Access-Control-Allow-Methods': endpoint === 'actions' ? 'POST' : 'GET, POST, PUT, DELETE',
    'Access-Control-Allow-Headers': 'authorization, content-type, x-api-key, x-tenant-id',
    'Access-Control-Max-Age': String(maxAge),
  };
}
