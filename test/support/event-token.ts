import { valuesOf, type Event, type Sent } from './event.ts';
import { api } from './request.ts';

/**
 * REST API, TOKEN authorizer: one header, and nothing else of the request. A key is sent as Bearer, the only
 * way a client of such an API has.
 */
export function restTokenEvent(sent: Sent): Event {
  const key = valuesOf(sent, 'x-api-key');
  const authorization = valuesOf(sent, 'authorization') ?? (key && [`Bearer ${[...new Set(key)].join(',')}`]);
  return {
    type: 'TOKEN',
    methodArn: `${api}/${sent.method}${sent.path}`,
    ...(authorization ? { authorizationToken: authorization.at(-1) ?? null } : {}),
  };
}
