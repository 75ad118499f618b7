import { authContext, type AuthContext } from '../context/auth-context.ts';
import type { Decision } from '../core/decide.ts';
import { Fault } from '../core/fault.ts';
import type { Clock } from '../runtime/clock.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Log } from '../runtime/log.ts';
import { allowContext } from '../surfaces/context.ts';
import type { Headers } from '../surfaces/headers.ts';
import type { Connections } from './connections.ts';
import type { DecideAgain } from './standing.ts';
import { readWebSocketEvent, type WebSocketEvent } from './websocket-event.ts';

export interface RealtimeSettings {
  readonly decideAgain: DecideAgain;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly log: Log;
}

/** API Gateway reads the status of `$connect` alone: 200 opens the connection. */
export interface RealtimeAnswer {
  readonly statusCode: 200;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Realtime = (event: unknown) => Promise<RealtimeAnswer>;

/** Milliseconds a connection may be used: as long as API Gateway keeps one open. */
const longestConnection = 2 * 3600 * 1000;
/** Milliseconds for one event: less than the function's timeout, and more than its reads and calls take together. */
const deadline = 5000;
const subprotocol = 'crm.v1';
const done: RealtimeAnswer = { statusCode: 200 };

/**
 * The WebSocket endpoint: a client that sends anything is sent what it is known as, one flat JSON object.
 * Before anything is sent it is decided again; a connection that no longer stands is closed without a word.
 *
 * @throws {Fault} when we cannot tell: `$connect` is then refused, a message unanswered, its connection kept
 */
export function realtime(settings: RealtimeSettings): Realtime {
  return async (event) => {
    let id = '';
    try {
      const read = readWebSocketEvent(event);
      id = read.id;
      return await withDeadline(deadline, serve(settings, read, authContext(event)));
    } catch (cause) {
      throw told(cause, id, settings.log);
    }
  };
}

async function serve(
  settings: RealtimeSettings,
  event: WebSocketEvent,
  context: AuthContext | undefined,
): Promise<RealtimeAnswer> {
  switch (event.type) {
    case 'CONNECT':
      // Not a refusal: without a context there is no authorizer, or not ours, before this API.
      if (!context)
        throw new Fault('event', 'The event has no authorizer context; is the authorizer in front?');
      return accept(event.headers);
    case 'MESSAGE':
      await answer(settings, event, context);
      return done;
    case 'DISCONNECT':
      return done;
  }
}

/** Only our own subprotocol is ever chosen (RFC 6455 §4.2.2): echoing `bearer.…` would put the token into an answer. */
function accept(headers: Headers): RealtimeAnswer {
  const offered = headers.get('sec-websocket-protocol')?.flatMap((value) => value.split(',')) ?? [];
  return offered.some((each) => each.trim() === subprotocol)
    ? { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': subprotocol } }
    : done;
}

async function answer(
  { decideAgain, connections, clock, log }: RealtimeSettings,
  { id, connectionId, connectedAt }: WebSocketEvent,
  context: AuthContext | undefined,
): Promise<void> {
  const now = clock();
  const decision = await standingOf(context, connectedAt, now, decideAgain);
  if (decision.effect === 'allow') {
    return connections.send(connectionId, JSON.stringify(allowContext(decision)));
  }
  log({
    event: 'connection_closed',
    requestId: id,
    reason: decision.reason,
    credentialKind: context?.credentialKind,
    credentialId: context?.credentialId,
    organizationId: context?.organizationId,
  });
  return connections.close(connectionId);
}

/** Why a connection is closed: the credential, or the connection itself, no longer stands. */
type Ended = { readonly effect: 'end'; readonly reason: 'connection_too_old' | 'context_missing' };

async function standingOf(
  context: AuthContext | undefined,
  connectedAt: number,
  now: number,
  decideAgain: DecideAgain,
): Promise<Decision | Ended> {
  if (!context) return { effect: 'end', reason: 'context_missing' };
  if (now - connectedAt > longestConnection) return { effect: 'end', reason: 'connection_too_old' };
  return decideAgain(context, now);
}

/** Our own words alone: a cause's message may quote what a client sent. */
function told(cause: unknown, requestId: string, log: Log): Fault {
  const known = cause instanceof Fault ? cause : new Fault('configuration', 'Unexpected error', { cause });
  const root = known.cause instanceof Error ? known.cause.name : undefined;
  const { kind, message } = known;
  log({ event: 'fault', requestId, kind, message, ...(root ? { cause: root } : {}) });
  return new Fault(kind, message);
}
