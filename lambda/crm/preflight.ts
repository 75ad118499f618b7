import type { OriginMatcher } from '../core/origin.ts';
import type { Log } from '../runtime/log.ts';
import { render, type HttpHandler } from '../http/answer.ts';
import { preflightFields } from '../http/cors.ts';
import { unavailable } from '../http/endpoint.ts';
import { readHttpEvent } from '../http/http-event.ts';

/**
 * OPTIONS on every route: may a page of this origin send the request it is about to (Fetch Standard §4.8)?
 * Behind no authorizer, since a preflight carries no credential. It reads and tells nothing but CORS, and an
 * origin that is not trusted gets the same empty answer without permission.
 */
export function preflight(trusted: OriginMatcher, log: Log): HttpHandler {
  return async (event) => {
    try {
      const { route, headers } = readHttpEvent(event);
      return { statusCode: 204, headers: preflightFields(route, headers, trusted), body: '' };
    } catch (cause) {
      return render(unavailable(cause, '', log), '', {});
    }
  };
}
