import type { ServerResponse } from 'node:http';
import type { LambdaRuntime } from '../lambda-runtime.ts';
import type { Handler } from '../loopback.ts';
import { authorize, identityOf } from './authorize.ts';
import type { AuthorizerContext, PolicyAnswer } from './authorizer-answer.ts';
import { renderGatewayResponse } from './gateway-response.ts';
import type { HttpAnswer, ResponseType } from './gateway-response.ts';
import { headerOf, readRequest } from './http-request.ts';
import type { HttpRequest } from './http-request.ts';
import { readProxyAnswer } from './proxy-response.ts';
import { matchPath } from './resource-tree.ts';
import type { RestApi, RestMethod } from './rest-api.ts';
import { isBinary, methodArn, proxyEvent, requestContext } from './rest-event.ts';
import type { RestExchange } from './rest-event.ts';
import { createResultCache } from './result-cache.ts';
import { within } from './within.ts';

export interface RestOptions {
  readonly api: RestApi;
  readonly region: string;
  readonly runtime: LambdaRuntime;
  /** Why an answer is a 5xx. Goes to the terminal, never to the client. */
  readonly onProblem: (problem: string) => void;
}

/** API Gateway's limit on the ARN an authorizer is told, in bytes. */
const ARN_LIMIT = 1600;

/**
 * The front door of a REST API: finds the method, asks its authorizer, calls its function. The URL has no
 * stage in it, as behind a custom domain.
 */
export function restFrontDoor(options: RestOptions): Handler {
  const { api, region } = options;
  const cache = createResultCache<PolicyAnswer>();

  async function answer(request: HttpRequest, tooLarge: boolean): Promise<HttpAnswer> {
    const match = matchPath(api.root, request.path);
    const method = match?.resource.methods.get(request.method) ?? match?.resource.methods.get('ANY');
    const unmatched = { resource: api.root, parameters: {} };
    const exchange: RestExchange = { api, region, request, match: match ?? unmatched };
    const own = gatewayAnswers(exchange);
    if (tooLarge) return own('REQUEST_TOO_LARGE');
    if (!method) {
      // API Gateway takes what no method serves for a request that should have been signed.
      return own(headerOf(request, 'authorization') ? 'INVALID_SIGNATURE' : 'MISSING_AUTHENTICATION_TOKEN');
    }
    if (!method.authorizer) return integrate(method, exchange, undefined);
    if (Buffer.byteLength(methodArn(exchange)) > ARN_LIMIT) {
      return own('DEFAULT_4XX', { status: 414, message: 'Request-URI Too Long' });
    }
    const authorization = await authorize(method.authorizer, exchange, { runtime: options.runtime, cache });
    if (authorization.allowed) return integrate(method, exchange, authorization.context);
    const { response, context, message, problem } = authorization;
    if (problem !== undefined) options.onProblem(`authorizer ${method.authorizer.functionName}: ${problem}`);
    return own(response, { context, message });
  }

  async function integrate(
    { functionName, requiredParameters, timeout }: RestMethod,
    exchange: RestExchange,
    context: AuthorizerContext | undefined,
  ): Promise<HttpAnswer> {
    const own = gatewayAnswers(exchange);
    const missing = requiredParameters.filter((name) => !identityOf(name, exchange));
    if (missing.length > 0) {
      const names = missing.map((name) => name.split('.').at(-1)).join(', ');
      return own('BAD_REQUEST_PARAMETERS', {
        context,
        message: `Missing required request parameters: [${names}]`,
      });
    }
    const event = JSON.stringify(proxyEvent(exchange, context));
    const result = await within(timeout, options.runtime.invoke(functionName, event));
    if (result === undefined) return own('INTEGRATION_TIMEOUT', { context });
    const binary = isBinary(api, headerOf(exchange.request, 'accept')?.split(',')[0]);
    const answered = result.ok ? readProxyAnswer(result.payload, binary) : undefined;
    if (answered) return answered;
    const why = result.ok ? 'its answer is malformed' : `${result.errorType}: ${result.errorMessage}`;
    options.onProblem(`${functionName}: ${why}`);
    return own('DEFAULT_5XX', { context });
  }

  return async (message, response) => {
    const { request, tooLarge } = await readRequest(message);
    send(response, request, await answer(request, tooLarge));
  };
}

interface OwnAnswer {
  readonly context?: AuthorizerContext | undefined;
  readonly message?: string | undefined;
  readonly status?: number;
}

/** Answers that API Gateway gives itself, for one request. */
const gatewayAnswers =
  (exchange: RestExchange) =>
  (type: ResponseType, { context, message, status }: OwnAnswer = {}): HttpAnswer =>
    renderGatewayResponse(exchange.api.responses, type, {
      context: { ...requestContext(exchange), ...(context && { authorizer: context }) },
      header: (name) => headerOf(exchange.request, name),
      message,
      status,
    });

function send(response: ServerResponse, request: HttpRequest, { status, headers, body }: HttpAnswer): void {
  response.statusCode = status;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.setHeader('x-amzn-RequestId', request.id);
  response.setHeader('x-amz-apigw-id', request.id);
  response.end(body);
}
