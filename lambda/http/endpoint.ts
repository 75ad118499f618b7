import { authContext, type AuthContext } from '../context/auth-context.ts';
import { Fault } from '../core/fault.ts';
import type { OriginMatcher } from '../core/origin.ts';
import { parameterPatterns, routes, type Endpoint } from '../core/routes.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Log } from '../runtime/log.ts';
import { render, type Answer, type HttpHandler } from './answer.ts';
import { corsPolicy } from './cors.ts';
import { readHttpEvent, type HttpRequest } from './http-event.ts';
import { recheck } from './recheck.ts';
import { refuse, type Refusal } from './refusal.ts';

/** A request that an endpoint may act on: its route and the caller's right to it are checked. */
export interface Call {
  readonly request: HttpRequest;
  readonly context: AuthContext;
  /** Those of the route's path, each matching its pattern. */
  readonly parameter: (name: string) => string;
}

export type Serve = (call: Call) => Promise<Answer | Refusal>;

export interface EndpointSettings {
  readonly trusted: OriginMatcher;
  readonly log: Log;
}

/** Milliseconds an endpoint may take: less than its function's timeout, so that the answer is still ours. */
const deadline = 8000;

/**
 * The frame of every endpoint behind the authorizer: reads the event, checks context, route and scope, serves,
 * and answers in one shape with the CORS header fields of the endpoint. Never rejects.
 */
export function endpoint(name: Endpoint, serve: Serve, { trusted, log }: EndpointSettings): HttpHandler {
  const cors = corsPolicy(name, trusted);
  return async (event) => {
    let request: HttpRequest | undefined;
    let answer: Answer | Refusal;
    try {
      request = readHttpEvent(event);
      const call = admit(name, request, authContext(event));
      answer = 'error' in call ? call : await withDeadline(deadline, serve(call));
    } catch (cause) {
      answer = unavailable(cause, request?.id ?? '', log);
    }
    return render(answer, request?.id ?? '', cors(request?.headers ?? new Map()));
  };
}

function admit(name: Endpoint, request: HttpRequest, context: AuthContext | undefined): Call | Refusal {
  // Not 401: the caller's credential is not what is wrong, and clients throw it away on 401.
  if (!context) throw new Fault('event', 'The event has no authorizer context; is the authorizer in front?');
  const route = routes.find((each) => each.endpoint === name && each.method === request.method);
  if (!route) return refuse('not_found', 'There is no such route.');

  const parameters = new Map<string, string>();
  for (const [, parameter = ''] of route.path.matchAll(/\{([A-Za-z]+)\}/g)) {
    const value = request.parameters.get(parameter) ?? '';
    if (!parameterPatterns.get(parameter)?.test(value)) {
      return refuse('not_found', `There is no such route: {${parameter}} is not well formed.`);
    }
    parameters.set(parameter, value);
  }
  return (
    recheck(context, { route, parameters }) ?? {
      request,
      context,
      parameter: (wanted) => parameters.get(wanted) ?? '',
    }
  );
}

/**
 * We could not do it, and cannot say that it was not done. Logged by our own words alone: a cause's message
 * may quote a record, a key or a secret.
 */
export function unavailable(cause: unknown, requestId: string, log: Log): Refusal {
  const known = cause instanceof Fault ? cause : new Fault('configuration', 'Unexpected error', { cause });
  const root = known.cause instanceof Error ? known.cause.name : undefined;
  log({
    event: 'fault',
    requestId,
    kind: known.kind,
    message: known.message,
    ...(root ? { cause: root } : {}),
  });
  return refuse('unavailable', 'The request could not be completed. Try again in a moment.');
}
