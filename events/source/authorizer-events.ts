import { epoch } from './world.ts';
import {
  account,
  apiId,
  arn,
  domainName,
  headersOf,
  httpCommon,
  httpContext,
  lists,
  requestId,
  restContext,
  sourceIp,
  time,
  userAgent,
  type Event,
  type Sent,
} from './gateway.ts';

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-lambda-authorizer-input.html */
export const restRequest = (sent: Sent): Event => ({
  type: 'REQUEST',
  methodArn: arn('prod', sent.method, sent.path),
  resource: sent.resource ?? sent.path,
  path: sent.path,
  httpMethod: sent.method,
  headers: headersOf(sent),
  multiValueHeaders: lists(headersOf(sent)),
  queryStringParameters: {},
  multiValueQueryStringParameters: {},
  pathParameters: sent.pathParameters ?? {},
  stageVariables: {},
  requestContext: restContext(sent),
});

/** The same page, "TOKEN-based". It carries the value of one header and nothing else of the request. */
export const restToken = (sent: Sent): Event => ({
  type: 'TOKEN',
  methodArn: arn('prod', sent.method, sent.path),
  authorizationToken: sent.headers?.['Authorization'] ?? '',
});

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html */
export const httpRequest = (sent: Sent): Event => ({
  ...httpCommon(sent),
  type: 'REQUEST',
  routeArn: arn('$default', sent.method, sent.path),
  identitySource: null,
  requestContext: httpContext(sent),
  ...(sent.pathParameters ? { pathParameters: sent.pathParameters } : {}),
});

/** The same page, "Payload format 1.0". */
export const httpV1Request = (sent: Sent): Event => ({
  version: '1.0',
  type: 'REQUEST',
  methodArn: arn('$default', sent.method, sent.path),
  identitySource: null,
  authorizationToken: null,
  resource: sent.resource ?? sent.path,
  path: sent.path,
  httpMethod: sent.method,
  headers: headersOf(sent),
  queryStringParameters: {},
  pathParameters: sent.pathParameters ?? {},
  stageVariables: {},
  requestContext: {
    path: sent.path,
    accountId: account,
    resourceId: 'r3s0rc',
    stage: '$default',
    requestId,
    identity: { apiKey: null, sourceIp, userAgent },
    resourcePath: sent.resource ?? sent.path,
    httpMethod: sent.method,
    apiId,
  },
});

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html */
export const connect = (sent: Sent): Event => {
  const headers = {
    ...headersOf(sent),
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
  };
  return {
    type: 'REQUEST',
    methodArn: arn('prod', '$connect', ''),
    headers,
    multiValueHeaders: lists(headers),
    queryStringParameters: {},
    multiValueQueryStringParameters: {},
    stageVariables: {},
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      extendedRequestId: 'dGhpcyBpcyBhbiBleGFtcGxl=',
      requestTime: time,
      messageDirection: 'IN',
      stage: 'prod',
      connectedAt: epoch,
      requestTimeEpoch: epoch,
      identity: { sourceIp, userAgent },
      requestId,
      domainName,
      connectionId: 'dGhpcyBpcyBvbmU=',
      apiId,
    },
  };
};
