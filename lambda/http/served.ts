import { stdoutLog, type Log } from '../runtime/log.ts';
import { render, type HttpHandler } from './answer.ts';
import { unavailable } from './endpoint.ts';

/**
 * The Lambda function of an endpoint, composed at its first event: a configuration that cannot be read is then
 * an answer in our shape and a line in the log, not a function that fails to start for reasons nobody sees.
 */
export function served(compose: () => HttpHandler, log: Log = stdoutLog): HttpHandler {
  let handler: HttpHandler | undefined;
  return async (event) => {
    try {
      handler ??= compose();
    } catch (cause) {
      return render(unavailable(cause, '', log), '', {});
    }
    return handler(event);
  };
}
