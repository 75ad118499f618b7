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
import { forgotten, presentedToken } from './forgotten.ts';
import type { Identity } from './identity.ts';
import type { IsLive } from './live-session.ts';
import { renewal } from './renewal.ts';
import { resign } from './resign.ts';

/**
 * Better Auth as a Lambda proxy function: every answer is Better Auth's own, except when we cannot ask it. A session
 * that is not live any more is none to it: it sees no cookie, and answers as to somebody who is not signed in.
 */
export function identityEndpoint(
  current: () => Promise<Identity>,
  isLive: IsLive,
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
      const { authCookies } = await auth.$context;
      const sent = request.headers.get('cookie')?.join('; ') ?? '';
      const cookies = resign(sent, signing, authCookies.sessionData.name);
      const token = presentedToken(cookies.cookie, authCookies);
      const hasEnded = token !== undefined && !(await isLive(token));
      const response = await auth.handler(toRequest(request, issuer, hasEnded ? '' : cookies.cookie));
      // Better Auth answers a failing store with an empty 500; whoever calls should know that it may try again.
      if (response.status >= 500) throw new Fault('store', 'Better Auth could not answer');
      const answered = response.headers.getSetCookie();
      const more = hasEnded
        ? forgotten(sent, authCookies, answered)
        : await renewal(auth, cookies, answered, clock());
      return await toResult(response, more, cors(request.headers));
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
