import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, parseJson } from './json.ts';
import { readBody, sendJson } from './loopback.ts';

/** What an invocation came to. `payload` is JSON: the handler's answer, or `{errorType, errorMessage, …}`. */
export type InvocationResult =
  | { readonly ok: true; readonly payload: string }
  | {
      readonly ok: false;
      readonly payload: string;
      readonly errorType: string;
      readonly errorMessage: string;
    };

/** One event on its way through a function. */
export interface Invocation {
  readonly requestId: string;
  /** ARN it was called by. */
  readonly arn: string;
  readonly event: string;
}

/** The Lambda Runtime API as one process of one function sees it: a single invocation at a time. */
export interface RuntimeApi {
  readonly serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Hands the event over as soon as the process asks for one. Never rejects. */
  submit(invocation: Invocation): Promise<InvocationResult>;
  /** The process is gone: whatever is under way has failed. */
  exited(how: string): void;
}

export interface RuntimeApiOptions {
  /** Milliseconds one invocation may take, from the moment the process has the event. */
  readonly timeout: number;
  /** A time limit has passed. The invocation has failed already; the process must go. */
  readonly onTimeout: () => void;
}

/** Lambda's own limit on the init phase, in milliseconds. */
const INIT_TIMEOUT = 10_000;
/** Lambda's limit on a response payload, in bytes: 6 MB. */
const RESPONSE_LIMIT = 6 * 1024 * 1024;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export function createRuntimeApi({ timeout, onTimeout }: RuntimeApiOptions): RuntimeApi {
  let pending: (Invocation & { settle(result: InvocationResult): void }) | undefined;
  let waiting: ServerResponse | undefined;
  /** Why the process is about to exit. The invocation ends with the process: until then it could get another. */
  let lastWords: string | undefined;
  let timer = setTimeout(() => expire(INIT_TIMEOUT), INIT_TIMEOUT);

  function settle(result: InvocationResult): void {
    clearTimeout(timer);
    pending?.settle(result);
    pending = undefined;
  }
  function expire(limit: number): void {
    const seconds = (limit / 1000).toFixed(2);
    const message = `RequestId: ${pending?.requestId ?? 'init'} Error: Task timed out after ${seconds} seconds`;
    settle(failed('Sandbox.Timedout', message));
    onTimeout();
  }
  function dispatch(): void {
    if (!pending || !waiting) return;
    clearTimeout(timer);
    timer = setTimeout(() => expire(timeout), timeout);
    waiting.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': pending.requestId,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeout),
      'Lambda-Runtime-Invoked-Function-Arn': pending.arn,
    });
    waiting.end(pending.event);
    waiting = undefined;
  }

  return {
    serve: async (request, response) => {
      const path = (request.url ?? '').replace('/2018-06-01/runtime/', '');
      if (request.method === 'GET' && path === 'invocation/next') {
        // The init phase is over.
        clearTimeout(timer);
        waiting = response;
        return dispatch();
      }
      const text = (await readBody(request, RESPONSE_LIMIT))?.toString('utf8');
      if (path === 'init/error') lastWords = text ?? '';
      else if (pending && path === `invocation/${pending.requestId}/response`) settle(answer(text));
      else if (pending && path === `invocation/${pending.requestId}/error`) settle(reported(text ?? ''));
      // An answer to an invocation that has ended already.
      else return sendJson(response, 403, { errorType: 'InvalidStateTransition', errorMessage: path });
      return sendJson(response, 202, { status: 'OK' });
    },
    submit: (invocation) =>
      new Promise((resolve) => {
        pending = { ...invocation, settle: resolve };
        dispatch();
      }),
    exited: (how) =>
      settle(lastWords === undefined ? exitError(pending?.requestId, how) : reported(lastWords)),
  };
}

export const failed = (errorType: string, errorMessage: string): InvocationResult => ({
  ok: false,
  errorType,
  errorMessage,
  payload: JSON.stringify({ errorType, errorMessage }),
});

export const exitError = (requestId: string | undefined, how: string): InvocationResult =>
  failed('Runtime.ExitError', `RequestId: ${requestId ?? 'init'} Error: Runtime exited with error: ${how}`);

function answer(payload: string | undefined): InvocationResult {
  if (payload !== undefined) return { ok: true, payload };
  return failed(
    'Function.ResponseSizeTooLarge',
    'Response payload size exceeded maximum allowed payload size.',
  );
}

/** An error as the bootstrap reported it. */
function reported(payload: string): InvocationResult {
  const report = parseJson(payload);
  const { errorType, errorMessage } = isObject(report) ? report : {};
  return typeof errorType === 'string' && typeof errorMessage === 'string'
    ? { ok: false, payload, errorType, errorMessage }
    : failed('Runtime.Unknown', 'Unknown error');
}
