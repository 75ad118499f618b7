import { Fault } from '../core/fault.ts';
import type { Config } from '../runtime/config.ts';
import type { Log } from '../runtime/log.ts';
import type { Auth } from './auth.ts';
import { readExchange, writeResult, type ProxyResult } from './exchange.ts';

/** Better Auth as a Lambda proxy function: every answer is Better Auth's own, except when we cannot ask it. */
export function identityEndpoint(
  auth: () => Promise<Auth>,
  config: Pick<Config, 'issuer'>,
  log: Log,
): (event: unknown) => Promise<ProxyResult> {
  return async (event) => {
    let requestId = '';
    try {
      const exchange = readExchange(event, config.issuer);
      requestId = exchange.requestId;
      const { handler } = await auth();
      const result = await writeResult(await handler(exchange.request));
      if (result.statusCode >= 500) log({ event: 'identity_error', requestId, status: result.statusCode });
      return result;
    } catch (cause) {
      log({ event: 'fault', requestId, message: describe(cause) });
      return unavailable(requestId);
    }
  };
}

const unavailable = (requestId: string): ProxyResult => ({
  statusCode: 503,
  multiValueHeaders: {
    'content-type': ['application/json'],
    'cache-control': ['no-store'],
    'retry-after': ['1'],
  },
  body: JSON.stringify({
    error: 'unavailable',
    message: 'Identity cannot answer now. Try again.',
    requestId,
  }),
});

/** A cause's message may quote the request or a secret; our own faults' and a class's name cannot. */
function describe(cause: unknown): string {
  if (cause instanceof Fault) return `${cause.kind}: ${cause.message}`;
  return cause instanceof Error ? cause.name : 'unknown';
}
