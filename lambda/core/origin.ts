import type { AccessRequest } from './model.ts';

/** Decides whether an `Origin` header value is trusted. One matcher for authorizer, CORS and Better Auth. */
export type OriginMatcher = (origin: string) => boolean;

interface Wildcard {
  /** `https://` */
  readonly scheme: string;
  /** `.example.com` or `.example.com:8443` */
  readonly suffix: string;
}

const subdomain = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Compiles a list of trusted origins, already in serialized form (scheme, host, port if not the default):
 * `https://app.example.com`, or `https://*.example.com`, which also matches `a.b.example.com`.
 * Comparison is byte for byte: browsers send the serialized form (HTML Standard, 7.1.1).
 */
export function compileOrigins(trusted: readonly string[]): OriginMatcher {
  const exact = new Set(trusted.filter((origin) => !origin.includes('*')));
  const wildcards: Wildcard[] = trusted
    .filter((origin) => origin.includes('://*.'))
    .map((origin) => {
      const star = origin.indexOf('*');
      return { scheme: origin.slice(0, star), suffix: origin.slice(star + 1) };
    });
  return (origin) => exact.has(origin) || wildcards.some((wildcard) => matches(wildcard, origin));
}

function matches({ scheme, suffix }: Wildcard, origin: string): boolean {
  if (!origin.startsWith(scheme) || !origin.endsWith(suffix)) return false;
  // Only labels may stand for `*`: `https://evil.test/.example.com` and `https://evil.test:1.example.com`
  // also end in the suffix.
  return subdomain.test(origin.slice(scheme.length, origin.length - suffix.length));
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * May this session request be acted on, given where it comes from? A browser attaches the cookie to requests
 * that any page makes; without this rule a hostile page could write with it (CSRF) or open a WebSocket.
 * `method` is given apart, since a policy asks the question for every route of the table.
 */
export function isOriginAccepted(request: AccessRequest, method: string, trusted: OriginMatcher): boolean {
  const origins = request.headers.get('origin');
  if (origins) {
    const [origin, ...others] = new Set(origins);
    return origin !== undefined && others.length === 0 && trusted(origin);
  }
  if (!safeMethods.has(method)) return false;
  return !request.headers.get('sec-fetch-site')?.some((site) => site.trim().toLowerCase() === 'cross-site');
}

/** The request's `Origin` if it is trusted: the only origin that may ever be echoed to a browser. */
export function trustedOrigin(request: AccessRequest, trusted: OriginMatcher): string | undefined {
  const [origin, ...others] = new Set(request.headers.get('origin'));
  return origin !== undefined && others.length === 0 && trusted(origin) ? origin : undefined;
}
