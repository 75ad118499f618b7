import type { HeaderFields } from '../http/cors.ts';
import type { HttpRequest } from '../http/http-event.ts';
import { sourceAddressHeader } from './auth.ts';

/** A proxy answer with every value of a repeated header, in the form of REST APIs and payload format 1.0. */
export interface ProxyResult {
  readonly statusCode: number;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

/** Set by the gateway or by proxies on the way. Better Auth reads the address from our own header alone. */
const dropped = /^(?:host|connection|content-length|transfer-encoding|x-forwarded-.*|forwarded)$/;

/**
 * An event's request as the request Better Auth reads. Its URL starts with our own origin: one built from `Host`
 * would let a client choose the links in mails, and which origin counts as the same.
 */
export function toRequest(event: HttpRequest, issuer: string, cookie: string): Request {
  const headers = new Headers();
  for (const [name, values] of event.headers) {
    if (dropped.test(name) || name === sourceAddressHeader) continue;
    headers.set(name, values.join(', '));
  }
  // Several Cookie headers are one list of pairs, and not to be joined by commas (RFC 6265 §5.4).
  if (cookie !== '') headers.set('cookie', cookie);
  else headers.delete('cookie');
  if (event.sourceAddress) headers.set(sourceAddressHeader, event.sourceAddress);

  // Behind a base-path mapping the path has a prefix of the mapping's.
  const url = new URL(event.path.slice(Math.max(event.path.indexOf('/api/auth'), 0)), issuer);
  for (const [name, values] of event.query) for (const value of values) url.searchParams.append(name, value);
  const hasBody = event.body.length > 0 && event.method !== 'GET' && event.method !== 'HEAD';
  return new Request(url, { method: event.method, headers, ...(hasBody ? { body: event.body } : {}) });
}

/**
 * @param renewed `Set-Cookie` lines besides those of the response
 * @param cors header fields that say which page may read the answer
 */
export async function toResult(
  response: Response,
  renewed: readonly string[],
  cors: HeaderFields,
): Promise<ProxyResult> {
  const headers: Record<string, readonly string[]> = {};
  for (const [name, value] of response.headers) {
    // Better Auth answers preflights itself in some versions; who may read is decided in one place.
    if (name !== 'set-cookie' && !name.startsWith('access-control-')) headers[name] = [value];
  }
  // Each `Set-Cookie` is a header of its own.
  const cookies = [...response.headers.getSetCookie(), ...renewed];
  return {
    statusCode: response.status,
    multiValueHeaders: {
      // One person's data: kept by no cache on the way, whichever endpoint answered (RFC 9111 §5.2.2.5).
      'cache-control': ['no-store'],
      ...headers,
      ...(cookies.length > 0 ? { 'set-cookie': cookies } : {}),
      ...Object.fromEntries(Object.entries(cors).map(([name, value]) => [name.toLowerCase(), [value]])),
    },
    body: await response.text(),
  };
}
