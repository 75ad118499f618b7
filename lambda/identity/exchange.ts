import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import { sourceAddressHeader } from './auth.ts';

const values = v.nullish(v.record(v.string(), v.nullish(v.string())), {});
const lists = v.nullish(v.record(v.string(), v.nullish(v.array(v.string()))), {});

/** Lambda proxy events of REST APIs (and of HTTP APIs in payload format 1.0). */
const event = v.object({
  httpMethod: v.string(),
  path: v.string(),
  headers: values,
  multiValueHeaders: lists,
  queryStringParameters: values,
  multiValueQueryStringParameters: lists,
  body: v.nullish(v.string()),
  isBase64Encoded: v.nullish(v.boolean(), false),
  requestContext: v.object({
    requestId: v.nullish(v.string(), ''),
    identity: v.nullish(v.object({ sourceIp: v.nullish(v.string()) })),
  }),
});

export interface ProxyResult {
  readonly statusCode: number;
  readonly multiValueHeaders: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

export interface Exchange {
  readonly requestId: string;
  readonly request: Request;
}

/** Set by the gateway or by proxies on the way. Better Auth reads the address from our own header alone. */
const dropped = /^(?:host|connection|content-length|transfer-encoding|x-forwarded-.*|forwarded)$/;

/**
 * A proxy event as the request Better Auth reads. Its URL starts with our own origin: one built from `Host`
 * would let a client choose the links in mails and the origin that counts as the same.
 *
 * @throws {Fault} `event` when it is no proxy event
 */
export function readExchange(input: unknown, issuer: string): Exchange {
  const parsed = v.safeParse(event, input);
  if (!parsed.success) throw new Fault('event', 'Not a Lambda proxy event');
  const { httpMethod, path, requestContext, body, isBase64Encoded, ...rest } = parsed.output;

  const headers = new Headers();
  for (const [name, each] of merged(rest.headers, rest.multiValueHeaders)) {
    const key = name.toLowerCase();
    if (dropped.test(key) || key === sourceAddressHeader) continue;
    // Several Cookie headers are one list of pairs; `append` would join them with a comma (RFC 6265 §5.4).
    const cookies = key === 'cookie' ? headers.get(key) : null;
    if (cookies === null) headers.append(key, each);
    else headers.set(key, `${cookies}; ${each}`);
  }
  const source = requestContext.identity?.sourceIp;
  if (source) headers.set(sourceAddressHeader, source);

  const url = new URL(path.slice(Math.max(path.indexOf('/api/auth'), 0)), issuer);
  for (const [name, each] of merged(rest.queryStringParameters, rest.multiValueQueryStringParameters)) {
    url.searchParams.append(name, each);
  }
  const hasBody = body && httpMethod !== 'GET' && httpMethod !== 'HEAD';
  return {
    requestId: requestContext.requestId ?? '',
    request: new Request(url, {
      method: httpMethod,
      headers,
      ...(hasBody ? { body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') } : {}),
    }),
  };
}

/** Every value once: the single-value member repeats the last of the list. */
function merged(
  single: Readonly<Record<string, string | null | undefined>> | null | undefined,
  multiple: Readonly<Record<string, readonly string[] | null | undefined>> | null | undefined,
): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const [name, list] of Object.entries(multiple ?? {}))
    for (const value of list ?? []) pairs.push([name, value]);
  const known = new Set(pairs.map(([name]) => name));
  for (const [name, value] of Object.entries(single ?? {})) {
    if (!known.has(name) && value !== null && value !== undefined) pairs.push([name, value]);
  }
  return pairs;
}

/** Each `Set-Cookie` is a header of its own. */
export async function writeResult(response: Response): Promise<ProxyResult> {
  const headers: Record<string, readonly string[]> = {};
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = [value];
  const cookies = response.headers.getSetCookie();
  return {
    statusCode: response.status,
    multiValueHeaders: cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers,
    body: await response.text(),
  };
}
