import { api } from './request.ts';

/** A request as a client sends it; every surface's event is built from this one description. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  /** Path template of the route at the gateway; the path itself where it has no parameter. */
  readonly resource?: string;
  /** A repeated header has several values; null is one without a value. Names as the client writes them. */
  readonly headers?: Readonly<Record<string, string | null | readonly string[]>>;
  /** The Cookie header. */
  readonly cookie?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** @default 192.0.2.7 */
  readonly sourceAddress?: string;
  /** Not sent by a browser, which adds an `Origin` to every handshake. @default true */
  readonly browser?: boolean;
  readonly shape?: EventShape;
}

/** In what an event may differ that means the same. */
export interface EventShape {
  /** What stands in the place of headers where there are none. @default an empty object */
  readonly noHeaders?: 'null' | 'absent';
  /** Which of the two header members of payload format 1.0 is filled. @default both */
  readonly only?: 'headers' | 'multiValueHeaders';
  /** Where payload format 2.0 has the cookies. @default cookies */
  readonly cookiesIn?: 'cookies' | 'headers' | 'both';
}

export type Event = Readonly<Record<string, unknown>>;
type Values = readonly (string | null)[];

/** The headers as sent, by the names they were sent under. */
const headersOf = ({ headers = {}, cookie }: Sent): readonly [string, Values][] => {
  const all = Object.entries(headers).map(([name, value]): [string, Values] => [
    name,
    typeof value === 'string' || value === null ? [value] : value,
  ]);
  return cookie === undefined ? all : [...all, ['Cookie', [cookie]]];
};

/** The values of a header; undefined where it was not sent. */
export function valuesOf(sent: Sent, name: string): Values | undefined {
  const found = headersOf(sent).filter(([each]) => each.toLowerCase() === name);
  return found.length === 0 ? undefined : found.flatMap(([, values]) => values);
}

export const requestId = '0f2f6c1e-request';
const nothing = { null: null, absent: undefined } as const;

/** Both header members of payload format 1.0: the last value in `headers`, all of them in `multiValueHeaders`. */
export function headerMembers(sent: Sent): Event {
  const { noHeaders, only } = sent.shape ?? {};
  const headers = headersOf(sent);
  if (headers.length === 0 && noHeaders !== undefined) {
    return { headers: nothing[noHeaders], multiValueHeaders: nothing[noHeaders] };
  }
  const last = Object.fromEntries(headers.map(([name, values]) => [name, values.at(-1)]));
  return {
    headers: only === 'multiValueHeaders' ? null : last,
    multiValueHeaders: only === 'headers' ? null : Object.fromEntries(headers),
  };
}

/** REST API, REQUEST authorizer. */
export function restEvent(sent: Sent): Event {
  return {
    type: 'REQUEST',
    methodArn: `${api}/${sent.method}${sent.path}`,
    resource: sent.resource ?? sent.path,
    path: sent.path,
    httpMethod: sent.method,
    ...headerMembers(sent),
    queryStringParameters: sent.query ?? {},
    multiValueQueryStringParameters: {},
    pathParameters: {},
    stageVariables: {},
    requestContext: {
      requestId,
      identity: { sourceIp: sent.sourceAddress ?? '192.0.2.7' },
      stage: 'prod',
      httpMethod: sent.method,
    },
  };
}

/** HTTP API, payload format 1.0. */
export const httpV1Event = (sent: Sent): Event => ({ ...restEvent(sent), version: '1.0' });

/** HTTP API, payload format 2.0: names in lower case, values joined by commas, cookies apart. */
export function httpEvent(sent: Sent): Event {
  const { cookiesIn = 'cookies', noHeaders } = sent.shape ?? {};
  const isCookie = ([name]: readonly [string, Values]): boolean => name.toLowerCase() === 'cookie';
  const cookies = headersOf(sent)
    .filter(isCookie)
    .flatMap(([, values]) => values);
  const headers = joined(headersOf(sent).filter((each) => !isCookie(each)));
  if (cookiesIn !== 'cookies' && cookies.length > 0) headers.set('cookie', cookies.join('; '));
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${api}/${sent.method}${sent.path}`,
    routeKey: `${sent.method} ${sent.resource ?? sent.path}`,
    identitySource: null,
    rawPath: `/prod${sent.path}`,
    rawQueryString: new URLSearchParams(sent.query).toString(),
    ...(cookiesIn === 'headers' ? {} : { cookies: cookies.flatMap((each) => each?.split('; ') ?? []) }),
    headers: headers.size === 0 && noHeaders !== undefined ? nothing[noHeaders] : Object.fromEntries(headers),
    requestContext: {
      requestId,
      stage: 'prod',
      http: { method: sent.method, path: `/prod${sent.path}`, sourceIp: sent.sourceAddress ?? '192.0.2.7' },
    },
  };
}

function joined(headers: readonly [string, Values][]): Map<string, string | null> {
  const byName = new Map<string, Values>();
  for (const [name, values] of headers) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), ...values]);
  }
  // A single null stays what it is; among others it is an empty value.
  return new Map(
    [...byName].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? null) : values.join(',')]),
  );
}
