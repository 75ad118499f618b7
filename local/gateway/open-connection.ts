import { WebSocket } from 'ws';
import type { Connection } from './websocket-event.ts';

/** A connection after its handshake. */
export interface OpenConnection {
  readonly connection: Connection;
  readonly socket: WebSocket;
  /** Epoch milliseconds of the last message, either way. */
  readonly lastActiveAt: () => number;
  /** False when it has gone meanwhile. */
  readonly send: (text: string) => boolean;
  readonly close: (code: number, reason: string) => void;
}

/** How long a connection may last, and may say nothing, in milliseconds. */
export interface ConnectionLimits {
  readonly duration: number;
  readonly idle: number;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
export const GATEWAY_LIMITS: ConnectionLimits = { duration: 2 * 60 * 60_000, idle: 10 * 60_000 };

/** Milliseconds a client has to answer a close frame before it is cut off. */
const FAREWELL = 1000;

/**
 * Takes over a socket: ends it with 1001 when its time is up, and tells of its text messages and its end.
 *
 * @param on called for each text message, and once when it is gone, with code and reason
 */
export function openConnection(
  connection: Connection,
  socket: WebSocket,
  limits: ConnectionLimits,
  on: { readonly message: (text: string) => void; readonly end: (code: number, reason: string) => void },
): OpenConnection {
  let lastActiveAt = Date.now();
  const close = (code: number, reason: string): void => {
    socket.close(code, reason);
    // A client that never answers would keep the connection as long as it likes.
    setTimeout(() => socket.terminate(), FAREWELL).unref();
  };
  const duration = setTimeout(close, limits.duration, 1001, 'Connection Duration Limit Exceeded');
  const idle = setTimeout(close, limits.idle, 1001, 'Going away');
  const active = (): void => {
    lastActiveAt = Date.now();
    idle.refresh();
  };
  socket.on('message', (data, isBinary) => {
    active();
    // As AWS does: WebSocket APIs take text only.
    if (isBinary) return close(1003, 'Binary frames are not supported');
    return on.message(Buffer.isBuffer(data) ? data.toString('utf8') : '');
  });
  // Follows every way to end, a broken frame included: `error` alone would end this process.
  socket.on('error', () => {});
  socket.once('close', (code, reason) => {
    clearTimeout(duration);
    clearTimeout(idle);
    on.end(code, reason.toString('utf8'));
  });
  return {
    connection,
    socket,
    lastActiveAt: () => lastActiveAt,
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) return false;
      active();
      socket.send(text);
      return true;
    },
    close,
  };
}
