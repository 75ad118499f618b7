import { epoch } from './world.ts';

/** A request as a client sends it. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  /** Path template of its route; the path itself where it has no parameter. */
  readonly resource?: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  /** Names as the client writes them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookie?: string;
  readonly body?: object;
}

export type Event = Readonly<Record<string, unknown>>;

export const account = '123456789012';
export const apiId = 'a1b2c3d4e5';
export const requestId = '2f1c6a0e-8f0b-4d6e-9a54-6d1e0f7b3c21';
export const sourceIp = '192.0.2.7';
export const userAgent = 'curl/8.5.0';
export const domainName = `${apiId}.execute-api.us-east-1.amazonaws.com`;
export const time = '01/Jan/2026:00:00:00 +0000';

export const arn = (stage: string, method: string, path: string): string =>
  `arn:aws:execute-api:us-east-1:${account}:${apiId}/${stage}/${method}${path}`;

/** What arrives with every request, whoever sent it. */
export const headersOf = ({ headers = {}, cookie }: Sent): Readonly<Record<string, string>> => ({
  Accept: '*/*',
  Host: domainName,
  'User-Agent': userAgent,
  'X-Amzn-Trace-Id': 'Root=1-6955b900-3f0c5a7e1d2b4c6f8a9e0d1c',
  'X-Forwarded-For': sourceIp,
  'X-Forwarded-Port': '443',
  'X-Forwarded-Proto': 'https',
  ...headers,
  ...(cookie === undefined ? {} : { Cookie: cookie }),
});

export const lists = (
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));

export const restContext = (sent: Sent) => ({
  resourceId: 'r3s0rc',
  resourcePath: sent.resource ?? sent.path,
  httpMethod: sent.method,
  extendedRequestId: 'dGhpcyBpcyBhbiBleGFtcGxl=',
  requestTime: time,
  path: `/prod${sent.path}`,
  accountId: account,
  protocol: 'HTTP/1.1',
  stage: 'prod',
  domainPrefix: apiId,
  requestTimeEpoch: epoch,
  requestId,
  identity: {
    cognitoIdentityPoolId: null,
    accountId: null,
    cognitoIdentityId: null,
    caller: null,
    sourceIp,
    principalOrgId: null,
    accessKey: null,
    cognitoAuthenticationType: null,
    cognitoAuthenticationProvider: null,
    userArn: null,
    userAgent,
    user: null,
  },
  domainName,
  deploymentId: 'd3pl0y',
  apiId,
});

export const httpContext = (sent: Sent) => ({
  accountId: account,
  apiId,
  domainName,
  domainPrefix: apiId,
  http: { method: sent.method, path: sent.path, protocol: 'HTTP/1.1', sourceIp, userAgent },
  requestId,
  routeKey: `${sent.method} ${sent.resource ?? sent.path}`,
  stage: '$default',
  time,
  timeEpoch: epoch,
});

export const httpCommon = ({ cookie, ...sent }: Sent) => ({
  version: '2.0',
  routeKey: `${sent.method} ${sent.resource ?? sent.path}`,
  rawPath: sent.path,
  rawQueryString: '',
  ...(cookie === undefined ? {} : { cookies: [cookie] }),
  headers: Object.fromEntries(
    Object.entries(headersOf(sent)).map(([name, value]) => [name.toLowerCase(), value]),
  ),
});
