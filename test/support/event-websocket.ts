import { headerMembers, requestId, valuesOf, type Event, type Sent } from './event.ts';
import { api } from './request.ts';
import { trustedOrigin } from './world.ts';

/**
 * WebSocket API: the handshake of whoever sends such a request, without its method and path, since a WebSocket
 * API has `$connect` alone. Browsers say where the page is from, with every handshake (RFC 6455 §4.1).
 */
export function websocketEvent(sent: Sent): Event {
  const fromPage = sent.cookie !== undefined && sent.browser !== false && !valuesOf(sent, 'origin');
  const handshake = fromPage ? { ...sent, headers: { Origin: trustedOrigin, ...sent.headers } } : sent;
  return {
    type: 'REQUEST',
    methodArn: `${api}/$connect`,
    ...headerMembers(handshake),
    queryStringParameters: sent.query ?? {},
    multiValueQueryStringParameters: {},
    stageVariables: {},
    requestContext: {
      requestId,
      routeKey: '$connect',
      eventType: 'CONNECT',
      messageDirection: 'IN',
      stage: 'prod',
      connectionId: 'L0SM9cOFvHcCIhw=',
      connectedAt: 1_700_000_000_000,
      apiId: 'a1b2c3d4e5',
      identity: { sourceIp: sent.sourceAddress ?? '192.0.2.7' },
    },
  };
}
