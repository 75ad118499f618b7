import { Fault } from '../core/fault.ts';
import { compileOrigins } from '../core/origin.ts';
import { render } from '../http/answer.ts';
import { corsPolicy } from '../http/cors.ts';
import { unavailable } from '../http/endpoint.ts';
import { readHttpEvent, type HttpRequest } from '../http/http-event.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Log } from '../runtime/log.ts';
import { toRequest, toResult, type ProxyResult } from './exchange.ts';
import type { Identity } from './identity.ts';
import { renewal } from './renewal.ts';
import { resign } from './resign.ts';

/** Better Auth as a Lambda proxy function: every answer is Better Auth's own, except when we cannot ask it. */
export function identityEndpoint(
  current: () => Promise<Identity>,
  config: Pick<Config, 'issuer' | 'trustedOrigins'>,
  clock: Clock,
  log: Log,
): (event: unknown) => Promise<ProxyResult> {
  const { issuer, trustedOrigins } = config;
  const cors = corsPolicy(undefined, compileOrigins(trustedOrigins));
  return async (event) => {
    let request: HttpRequest | undefined;
    try {
      request = readHttpEvent(event);
      const { auth, ...signing } = await current();
      const { sessionData } = (await auth.$context).authCookies;
      const cookies = resign(request.headers.get('cookie')?.join('; ') ?? '', signing, sessionData.name);
      const response = await auth.handler(toRequest(request, issuer, cookies.cookie));
      // Better Auth answers a failing store with an empty 500; whoever calls should know that it may try again.
      if (response.status >= 500) throw new Fault('store', 'Better Auth could not answer');
      const renewed = await renewal(auth, cookies, response.headers.getSetCookie(), clock());
      return await toResult(response, renewed, cors(request.headers));
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
