import { api } from './request.ts';

/** A request as a client sends it; every surface's event is built from this one description. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  /** Path template of the route at the gateway; the path itself where it has no parameter. */
  readonly resource?: string;
  /** A repeated header has several values. Names as the client writes them. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** The Cookie header. */
  readonly cookie?: string;
  /** @default 192.0.2.7 */
  readonly sourceAddress?: string;
}

const headersOf = ({ headers = {}, cookie }: Sent): [string, readonly string[]][] => {
  const all = Object.entries(headers).map(([name, value]): [string, readonly string[]] => [
    name,
    typeof value === 'string' ? [value] : value,
  ]);
  return cookie === undefined ? all : [...all, ['Cookie', [cookie]]];
};

export const requestId = '0f2f6c1e-request';

/** REST API, REQUEST authorizer: the last value in `headers`, all of them in `multiValueHeaders`. */
export function restEvent(sent: Sent): Readonly<Record<string, unknown>> {
  const headers = headersOf(sent);
  return {
    type: 'REQUEST',
    methodArn: `${api}/${sent.method}${sent.path}`,
    resource: sent.resource ?? sent.path,
    path: sent.path,
    httpMethod: sent.method,
    headers: Object.fromEntries(headers.map(([name, values]) => [name, values.at(-1)])),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: {},
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
export const httpV1Event = (sent: Sent): Readonly<Record<string, unknown>> => ({
  ...restEvent(sent),
  version: '1.0',
});

/** HTTP API, payload format 2.0: names in lower case, values joined by commas, cookies apart. */
export function httpEvent(sent: Sent): Readonly<Record<string, unknown>> {
  const joined = new Map<string, string>();
  for (const [name, values] of headersOf({
    method: sent.method,
    path: sent.path,
    headers: sent.headers ?? {},
  })) {
    const key = name.toLowerCase();
    joined.set(key, [...(joined.has(key) ? [joined.get(key)] : []), ...values].join(','));
  }
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${api}/${sent.method}${sent.path}`,
    routeKey: `${sent.method} ${sent.resource ?? sent.path}`,
    identitySource: null,
    rawPath: `/prod${sent.path}`,
    rawQueryString: '',
    cookies: sent.cookie?.split('; ') ?? [],
    headers: Object.fromEntries(joined),
    requestContext: {
      requestId,
      stage: 'prod',
      http: { method: sent.method, path: `/prod${sent.path}`, sourceIp: sent.sourceAddress ?? '192.0.2.7' },
    },
  };
}
