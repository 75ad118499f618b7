import type { Allowed } from './http-authorize.ts';
import { firstContext, firstFormat, secondContext, secondFormat } from './http-event.ts';
import type { HttpExchange } from './http-event.ts';
import { headerOf } from './http-request.ts';
import type { HttpRequest } from './http-request.ts';

/** What a function behind an HTTP API gets in payload format 2.0. */
export function secondEvent(exchange: HttpExchange, allowed: Allowed | undefined) {
  return {
    ...secondFormat(exchange),
    requestContext: {
      ...secondContext(exchange),
      ...(allowed && { authorizer: { lambda: allowed.context } }),
    },
    ...bodyOf(exchange.request),
  };
}

/** The same in payload format 1.0. */
export function firstEvent(exchange: HttpExchange, allowed: Allowed | undefined) {
  const { principalId, context } = allowed ?? {};
  return {
    ...firstFormat(exchange),
    requestContext: {
      ...firstContext(exchange),
      ...(allowed && { authorizer: { ...context, ...(principalId !== undefined && { principalId }) } }),
    },
    body: null,
    ...bodyOf(exchange.request),
  };
}

const TEXT = /^(?:text\/|application\/(?:json|javascript|xml|x-www-form-urlencoded)|[^;]*\+(?:json|xml))/i;

/** Text as it is, everything else in base64: an HTTP API has no list of binary media types. */
function bodyOf(request: HttpRequest) {
  if (request.body.length === 0) return { isBase64Encoded: false };
  const isText = TEXT.test(headerOf(request, 'content-type') ?? '');
  return { body: request.body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}
