import { ACCOUNT } from '../physical.ts';
import { allValues, clfTime, isEmpty, joinedValues, lastValues, orNull } from './event-maps.ts';
import type { HttpApi, HttpRoute } from './http-api.ts';
import { headerOf } from './http-request.ts';
import type { HttpRequest, Pair } from './http-request.ts';
import { decoded } from './route-key.ts';
import type { RouteMatch } from './route-key.ts';
import type { V2Stage } from './v2-template.ts';

/** A request on its way through an HTTP API: what it is, and the stage and route it reached. */
export interface HttpExchange {
  readonly api: HttpApi;
  readonly region: string;
  readonly request: HttpRequest;
  readonly stage: V2Stage;
  /** Raw path below the stage. */
  readonly path: string;
  readonly match: RouteMatch<HttpRoute>;
}

/** Carries the raw path: whoever compares it with a policy must know that the client wrote a part of it. */
export const routeArn = ({ api, region, request, stage, path }: HttpExchange): string =>
  `arn:aws:execute-api:${region}:${ACCOUNT}:${api.id}/${stage.name}/${request.method}${path}`;

/**
 * Payload format 2.0, as authorizers and integrations are told alike. Members that would be empty are absent.
 * HTTP APIs decode the path, although the member is called raw, and take cookies out of the headers.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function secondFormat(exchange: HttpExchange) {
  const { request, match, stage } = exchange;
  const isCookie = ([name]: Pair): boolean => name.toLowerCase() === 'cookie';
  const cookies = request.headers
    .filter(isCookie)
    .flatMap(([, value]) => value.split(';'))
    .map((cookie) => cookie.trim())
    .filter(Boolean);
  const headers = request.headers.filter((header) => !isCookie(header)).map(lowerCased);
  const query = joinedValues(request.query);
  return {
    version: '2.0',
    routeKey: match.route.key,
    rawPath: decoded(request.path),
    rawQueryString: request.rawQuery,
    ...(cookies.length > 0 && { cookies }),
    headers: joinedValues(headers),
    ...(!isEmpty(query) && { queryStringParameters: query }),
    ...(!isEmpty(match.parameters) && { pathParameters: match.parameters }),
    ...(stage.variables && { stageVariables: stage.variables }),
  };
}

export function secondContext({ api, request, match, stage }: HttpExchange) {
  const host = headerOf(request, 'host') ?? '';
  return {
    accountId: ACCOUNT,
    apiId: api.id,
    domainName: host,
    domainPrefix: host.split('.')[0] ?? '',
    http: {
      method: request.method,
      path: decoded(request.path),
      protocol: 'HTTP/1.1',
      sourceIp: request.sourceAddress,
      userAgent: headerOf(request, 'user-agent') ?? '',
    },
    requestId: request.id,
    routeKey: match.route.key,
    stage: stage.name,
    time: clfTime(request.time),
    timeEpoch: request.time,
  };
}

/** Payload format 1.0: what REST APIs send, but with the path decoded. */
export const firstFormat = ({ request, match, stage }: HttpExchange) => ({
  version: '1.0',
  resource: resourceOf(match.route),
  path: decoded(request.path),
  httpMethod: request.method,
  headers: lastValues(request.headers, true),
  multiValueHeaders: allValues(request.headers, true),
  queryStringParameters: orNull(lastValues(request.query, false)),
  multiValueQueryStringParameters: orNull(allValues(request.query, false)),
  pathParameters: orNull(match.parameters),
  stageVariables: stage.variables ?? null,
});

export function firstContext({ api, request, match, stage }: HttpExchange) {
  const host = headerOf(request, 'host') ?? '';
  return {
    accountId: ACCOUNT,
    apiId: api.id,
    domainName: host,
    domainPrefix: host.split('.')[0] ?? '',
    extendedRequestId: request.id,
    httpMethod: request.method,
    identity: {
      accountId: null,
      sourceIp: request.sourceAddress,
      userAgent: headerOf(request, 'user-agent') ?? '',
    },
    path: decoded(request.path),
    protocol: 'HTTP/1.1',
    requestId: request.id,
    requestTime: clfTime(request.time),
    requestTimeEpoch: request.time,
    resourceId: match.route.key,
    resourcePath: resourceOf(match.route),
    stage: stage.name,
  };
}

const resourceOf = ({ key }: HttpRoute): string => key.replace(/^[A-Z]+ /, '');

const lowerCased = ([name, value]: Pair): Pair => [name.toLowerCase(), value];
