import { firstContext, firstFormat, routeArn, secondContext, secondFormat } from './http-event.ts';
import type { HttpExchange } from './http-event.ts';

/**
 * What an HTTP API asks an authorizer of payload format 2.0.
 *
 * @param identities values of its identity sources; null when it has none
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export const secondQuestion = (exchange: HttpExchange, identities: readonly string[] | null) => ({
  ...secondFormat(exchange),
  type: 'REQUEST',
  routeArn: routeArn(exchange),
  identitySource: identities,
  requestContext: secondContext(exchange),
});

/** The same of payload format 1.0: headers and query with their last values only, as AWS documents it. */
export function firstQuestion(exchange: HttpExchange, identities: readonly string[] | null) {
  const { multiValueHeaders: _, multiValueQueryStringParameters: __, ...common } = firstFormat(exchange);
  const token = identities?.join(',') ?? null;
  return {
    ...common,
    type: 'REQUEST',
    methodArn: routeArn(exchange),
    identitySource: token,
    authorizationToken: token,
    queryStringParameters: common.queryStringParameters ?? {},
    pathParameters: common.pathParameters ?? {},
    stageVariables: common.stageVariables ?? {},
    requestContext: firstContext(exchange),
  };
}
