import { api } from './place.ts';

/** The request that is authorized: a route that accepts every credential asked about here. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly resource: string;
}

export const whoami: Asked = { method: 'GET', path: '/v1/whoami', resource: '/v1/whoami' };

/** Header fields that a regional REST API hands over with any browser's request, besides those asked about. */
const usual = {
  Accept: 'application/json, text/plain, */*',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9',
  Host: 'api.crm.example.com',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'X-Amzn-Trace-Id': 'Root=1-67891233-abcdef012345678912345678',
  'X-Forwarded-For': '192.0.2.7',
  'X-Forwarded-Port': '443',
  'X-Forwarded-Proto': 'https',
};

export type Event = Readonly<Record<string, unknown>> & {
  readonly methodArn: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** The event of a REST API's REQUEST authorizer, as it is once parsed: no text in it is still to be put together. */
export function eventOf(given: Readonly<Record<string, string>>, asked: Asked = whoami): Event {
  const headers = { ...usual, ...given };
  return structuredClone({
    type: 'REQUEST',
    methodArn: `${api}/${asked.method}${asked.path}`,
    resource: asked.resource,
    path: asked.path,
    httpMethod: asked.method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    pathParameters: {},
    stageVariables: {},
    requestContext: {
      requestId: '5f2f6c1e-0000-4000-8000-00000000beef',
      identity: { sourceIp: '192.0.2.7' },
      stage: 'prod',
      httpMethod: asked.method,
    },
  });
}
