import { Fault } from '../core/fault.ts';
import { compileOrigins } from '../core/origin.ts';
import { render } from '../http/answer.ts';
import { corsPolicy } from '../http/cors.ts';
import { unavailable } from '../http/endpoint.ts';
import { readHttpEvent, type HttpRequest } from '../http/http-event.ts';
import type { Config } from '../runtime/config.ts';
import type { Log } from '../runtime/log.ts';
import type { Auth } from './auth.ts';
import { toRequest, toResult, type ProxyResult } from './exchange.ts';

/** Better Auth as a Lambda proxy function: every answer is Better Auth's own, except when we cannot ask it. */
export function identityEndpoint(
  auth: () => Promise<Auth>,
  config: Pick<Config, 'issuer' | 'trustedOrigins'>,
  log: Log,
): (event: unknown) => Promise<ProxyResult> {
  const { issuer, trustedOrigins } = config;
  const cors = corsPolicy(undefined, compileOrigins(trustedOrigins));
  return async (event) => {
    let request: HttpRequest | undefined;
    try {
      request = readHttpEvent(event);
      const { handler } = await auth();
      const response = await handler(toRequest(request, issuer));
      // Better Auth answers a failing store with an empty 500; whoever calls should know that it may try again.
      if (response.status >= 500) throw new Fault('store', 'Better Auth could not answer');
      return await toResult(response, cors(request.headers));
    } catch (cause) {
      const id = request?.id ?? '';
      const { headers, ...answer } = render(
        unavailable(cause, id, log),
        id,
        cors(request?.headers ?? new Map()),
      );
      const multiValueHeaders = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, [value]]),
      );
      return { ...answer, multiValueHeaders };
    }
  };
}
