import { headersOf, httpCommon, httpContext, lists, restContext, type Event, type Sent } from './gateway.ts';

/**
 * A request behind the authorizer of a REST API.
 *
 * @param authorizer what the authorizer said: a REST API hands it on as text
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export const restProxy = (sent: Sent, authorizer?: Readonly<Record<string, string>>): Event => ({
  resource: sent.resource ?? sent.path,
  path: sent.path,
  httpMethod: sent.method,
  headers: headersOf(sent),
  multiValueHeaders: lists(headersOf(sent)),
  queryStringParameters: null,
  multiValueQueryStringParameters: null,
  pathParameters: sent.pathParameters ?? null,
  stageVariables: null,
  requestContext: {
    ...restContext(sent),
    ...(authorizer ? { authorizer: { ...authorizer, integrationLatency: 12 } } : {}),
  },
  body: sent.body ? JSON.stringify(sent.body) : null,
  isBase64Encoded: false,
});

/**
 * A request behind the authorizer of an HTTP API, payload format 2.0.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export const httpProxy = (sent: Sent, authorizer: Readonly<Record<string, string>>): Event => ({
  ...httpCommon(sent),
  requestContext: { ...httpContext(sent), authorizer: { lambda: authorizer } },
  ...(sent.pathParameters ? { pathParameters: sent.pathParameters } : {}),
  ...(sent.body ? { body: JSON.stringify(sent.body) } : {}),
  isBase64Encoded: false,
});
