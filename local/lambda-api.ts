import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Handler } from './loopback.ts';
import { readBody, sendJson } from './loopback.ts';
import { parseJson } from './json.ts';
import type { LambdaRuntime } from './lambda-runtime.ts';

/** `POST /2015-03-31/functions/{name or ARN}/invocations`, with or without a qualifier. */
const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?.*)?$/;
/** Lambda's limits on an event: 6 MB, asynchronously 1 MB. */
const EVENT_LIMIT = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024, DryRun: 6 * 1024 * 1024 };

/**
 * Lambda's Invoke operation. A handler that throws is an answer with status 200, the header
 * `X-Amz-Function-Error: Unhandled` and `{errorType, errorMessage, trace}` as its body.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export const lambdaApi =
  (runtime: LambdaRuntime): Handler =>
  async (request: IncomingMessage, response: ServerResponse) => {
    const name = functionName(INVOKE.exec(request.url ?? '')?.[1]);
    if (request.method !== 'POST' || name === undefined) {
      return fail(response, 404, 'UnknownOperationException', 'Only Invoke is served here.');
    }
    if (!runtime.has(name))
      return fail(response, 404, 'ResourceNotFoundException', `Function not found: ${name}`);
    const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
    if (type !== 'RequestResponse' && type !== 'Event' && type !== 'DryRun') {
      return fail(response, 400, 'InvalidParameterValueException', `Unknown invocation type ${type}`);
    }
    const body = await readBody(request, EVENT_LIMIT[type]);
    if (!body)
      return fail(
        response,
        413,
        'RequestTooLargeException',
        `An event is ${EVENT_LIMIT[type]} bytes at most.`,
      );
    const event = body.length === 0 ? '{}' : body.toString('utf8');
    if (parseJson(event) === undefined) {
      return fail(response, 400, 'InvalidRequestContentException', 'Could not parse request body into json');
    }
    if (type === 'DryRun') return void response.writeHead(204, identified()).end();
    const result = runtime.invoke(name, event);
    if (type === 'Event') return void response.writeHead(202, identified()).end();
    const { ok, payload } = await result;
    response
      .writeHead(200, {
        ...identified(),
        'Content-Type': 'application/json',
        'X-Amz-Executed-Version': '$LATEST',
        ...(!ok && { 'X-Amz-Function-Error': 'Unhandled' }),
      })
      .end(payload);
    return undefined;
  };

/** A name, a partial ARN (`account:function:name`) or a whole one, each with an optional qualifier. */
function functionName(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const parts = (URL.canParse(`http://x/${encoded}`) ? safeDecode(encoded) : encoded).split(':');
  const marker = parts.indexOf('function');
  return marker < 0 ? parts[0] : parts[marker + 1];
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const identified = (): Record<string, string> => ({ 'x-amzn-RequestId': randomUUID() });

function fail(response: ServerResponse, status: number, type: string, message: string): void {
  sendJson(
    response,
    status,
    { Type: 'User', Message: message },
    { ...identified(), 'x-amzn-ErrorType': type },
  );
}
