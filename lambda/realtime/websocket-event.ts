import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import { readHeaders, type Headers } from '../surfaces/headers.ts';

/** What happened on a connection. */
export interface WebSocketEvent {
  /** API Gateway's request id; empty when it gave none. */
  readonly id: string;
  /** By what the gateway says happened, not by the route: a client's message selects the route. */
  readonly type: 'CONNECT' | 'MESSAGE' | 'DISCONNECT';
  readonly connectionId: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  /** Those of the handshake; messages have none. */
  readonly headers: Headers;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html */
const event = v.object({
  headers: v.optional(v.unknown()),
  multiValueHeaders: v.optional(v.unknown()),
  requestContext: v.object({
    requestId: v.nullish(v.string(), ''),
    eventType: v.picklist(['CONNECT', 'MESSAGE', 'DISCONNECT']),
    connectionId: v.pipe(v.string(), v.nonEmpty()),
    connectedAt: v.pipe(v.number(), v.safeInteger()),
  }),
});

/** @throws {Fault} `event` when it is not the event of a WebSocket API's proxy integration */
export function readWebSocketEvent(input: unknown): WebSocketEvent {
  const parsed = v.safeParse(event, input);
  if (!parsed.success) throw new Fault('event', 'Not the event of a WebSocket API');
  const { headers, multiValueHeaders, requestContext } = parsed.output;
  return {
    id: requestContext.requestId,
    type: requestContext.eventType,
    connectionId: requestContext.connectionId,
    connectedAt: requestContext.connectedAt,
    headers: readHeaders(headers, multiValueHeaders),
  };
}
