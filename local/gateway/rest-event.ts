import { ACCOUNT } from '../physical.ts';
import { allValues, clfTime, lastValues, orNull } from './event-maps.ts';
import { headerOf } from './http-request.ts';
import type { HttpRequest } from './http-request.ts';
import type { Match } from './resource-tree.ts';
import type { RestApi, RestMethod } from './rest-api.ts';

/** A request on its way through a REST API: what it is and which resource it reached. */
export interface RestExchange {
  readonly api: RestApi;
  readonly region: string;
  readonly request: HttpRequest;
  readonly match: Match<RestMethod>;
}

/** What authorizers and integrations of a REST API are told alike (payload format 1.0). */
const commonEvent = ({ request, match }: RestExchange) => ({
  resource: match.resource.path,
  path: request.path,
  httpMethod: request.method,
  headers: lastValues(request.headers, true),
  multiValueHeaders: allValues(request.headers, true),
});

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html */
export const requestAuthorizerEvent = (exchange: RestExchange) => ({
  type: 'REQUEST',
  methodArn: methodArn(exchange),
  ...commonEvent(exchange),
  queryStringParameters: lastValues(exchange.request.query, false),
  multiValueQueryStringParameters: allValues(exchange.request.query, false),
  pathParameters: exchange.match.parameters,
  stageVariables: exchange.api.stageVariables ?? {},
  requestContext: requestContext(exchange),
});

export const tokenAuthorizerEvent = (exchange: RestExchange, authorizationToken: string) => ({
  type: 'TOKEN',
  methodArn: methodArn(exchange),
  authorizationToken,
});

/**
 * @param authorizer what the authorizer said, its values as text
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function proxyEvent(
  exchange: RestExchange,
  authorizer: Readonly<Record<string, unknown>> | undefined,
) {
  const { request, match, api } = exchange;
  const binary = isBinary(api, headerOf(request, 'content-type'));
  return {
    ...commonEvent(exchange),
    queryStringParameters: orNull(lastValues(request.query, false)),
    multiValueQueryStringParameters: orNull(allValues(request.query, false)),
    pathParameters: orNull(match.parameters),
    stageVariables: api.stageVariables,
    requestContext: { ...requestContext(exchange), ...(authorizer && { authorizer }) },
    body: request.body.length === 0 ? null : request.body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && request.body.length > 0,
  };
}

/** Carries the raw path: whoever compares it with a policy must know that the client wrote a part of it. */
export const methodArn = ({ api, region, request }: RestExchange): string =>
  `arn:aws:execute-api:${region}:${ACCOUNT}:${api.id}/${api.stage}/${request.method}/${request.path.replace(/^\//, '')}`;

export function requestContext({ api, request, match }: RestExchange) {
  const host = headerOf(request, 'host') ?? '';
  return {
    resourceId: match.resource.id,
    resourcePath: match.resource.path,
    httpMethod: request.method,
    extendedRequestId: request.id,
    requestTime: clfTime(request.time),
    requestTimeEpoch: request.time,
    path: request.path,
    accountId: ACCOUNT,
    protocol: 'HTTP/1.1',
    stage: api.stage,
    domainName: host,
    domainPrefix: host.split('.')[0] ?? '',
    requestId: request.id,
    apiId: api.id,
    identity: {
      accessKey: null,
      accountId: null,
      caller: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: request.sourceAddress,
      user: null,
      userAgent: headerOf(request, 'user-agent') ?? null,
      userArn: null,
    },
  };
}

/** Media types match exactly, or by `*` for a part: `image/*`, `*\/*`. */
export function isBinary(api: RestApi, contentType: string | undefined): boolean {
  const [type = '', subtype = ''] = (contentType?.split(';')[0]?.trim().toLowerCase() ?? '').split('/');
  return api.binaryMediaTypes.some((each) => {
    const [wantedType, wantedSubtype] = each.toLowerCase().split('/');
    return (
      (wantedType === '*' || wantedType === type) && (wantedSubtype === '*' || wantedSubtype === subtype)
    );
  });
}
