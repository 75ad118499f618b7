import type { ServerResponse } from 'node:http';
import type { LambdaRuntime } from '../lambda-runtime.ts';
import type { Handler } from '../loopback.ts';
import type { HttpAnswer } from './gateway-response.ts';
import { readHttpAnswer } from './http-answer.ts';
import type { HttpApi } from './http-api.ts';
import { authorizeHttp } from './http-authorize.ts';
import type { Allowed, HttpAuthorizerAnswer } from './http-authorize.ts';
import { preflightAnswer, withCors } from './http-cors.ts';
import type { HttpExchange } from './http-event.ts';
import { firstEvent, secondEvent } from './http-integration-event.ts';
import { readRequest } from './http-request.ts';
import type { HttpRequest } from './http-request.ts';
import { createResultCache } from './result-cache.ts';
import { selectRoute } from './route-key.ts';
import { within } from './within.ts';

export interface HttpOptions {
  readonly api: HttpApi;
  readonly region: string;
  readonly runtime: LambdaRuntime;
  /** Why an answer is a 5xx. Goes to the terminal, never to the client. */
  readonly onProblem: (problem: string) => void;
}

/** What an HTTP API says itself. It has no gateway responses: nobody can change these. */
const own = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

/** The front door of an HTTP API: finds stage and route, asks the authorizer, calls the function. */
export function httpFrontDoor({ api, region, runtime, onProblem }: HttpOptions): Handler {
  const cache = createResultCache<HttpAuthorizerAnswer>();

  async function answer(request: HttpRequest, tooLarge: boolean): Promise<HttpAnswer> {
    if (tooLarge) return ownAnswer(413);
    const preflight = api.cors && preflightAnswer(api.cors, request);
    if (preflight) return preflight;
    const exchange = exchangeOf(api, region, request);
    if (!exchange) return ownAnswer(404);
    const { authorizer } = exchange.match.route;
    if (!authorizer) return integrate(exchange, undefined);
    const authorization = await authorizeHttp(authorizer, exchange, { runtime, cache });
    if (authorization.allowed) return integrate(exchange, authorization);
    const { status, problem } = authorization;
    if (problem !== undefined) onProblem(`authorizer ${authorizer.functionName}: ${problem}`);
    return ownAnswer(status);
  }

  async function integrate(exchange: HttpExchange, authorization: Allowed | undefined): Promise<HttpAnswer> {
    const { functionName, payloadFormat, timeout } = exchange.match.route;
    const eventOf = payloadFormat === '2.0' ? secondEvent : firstEvent;
    const invocation = runtime.invoke(functionName, JSON.stringify(eventOf(exchange, authorization)));
    const result = await within(timeout, invocation);
    if (!result) return ownAnswer(503);
    const answered = result.ok ? readHttpAnswer(result.payload, payloadFormat) : undefined;
    if (answered) return answered;
    const why = result.ok ? 'its answer is malformed' : `${result.errorType}: ${result.errorMessage}`;
    onProblem(`${functionName}: ${why}`);
    return ownAnswer(500);
  }

  return async (message, response) => {
    const { request, tooLarge } = await readRequest(message);
    const answered = await answer(request, tooLarge);
    send(response, request, api.cors ? withCors(api.cors, request, answered) : answered);
  };
}

/**
 * A stage whose name begins the path, else `$default`. Undefined where there is neither, or no route.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html#http-api-develop-routes.evaluation
 */
function exchangeOf(api: HttpApi, region: string, request: HttpRequest): HttpExchange | undefined {
  const [, first = ''] = request.path.split('/');
  const named = api.stages.find(({ name }) => name === first && name !== '$default');
  const stage = named ?? api.stages.find(({ name }) => name === '$default');
  if (!stage) return undefined;
  const path = named ? request.path.slice(first.length + 1) || '/' : request.path;
  const match = selectRoute(api.routes, request.method, path);
  return match && { api, region, request, stage, path, match };
}

const ownAnswer = (status: keyof typeof own): HttpAnswer => ({
  status,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify({ message: own[status] }),
});

function send(response: ServerResponse, request: HttpRequest, { status, headers, body }: HttpAnswer): void {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.setHeader('apigw-requestid', request.id);
  response.end(body);
}
