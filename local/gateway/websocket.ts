import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isObject, parseJson } from '../json.ts';
import type { LambdaRuntime } from '../lambda-runtime.ts';
import type { Handler, UpgradeHandler } from '../loopback.ts';
import { sendJson } from '../loopback.ts';
import { requestOf } from './http-request.ts';
import { managementApi, MESSAGE_LIMIT } from './management-api.ts';
import { GATEWAY_LIMITS, openConnection } from './open-connection.ts';
import type { ConnectionLimits, OpenConnection } from './open-connection.ts';
import { readProxyAnswer } from './proxy-response.ts';
import type { WebSocketApi } from './websocket-api.ts';
import { admit } from './websocket-connect.ts';
import { disconnectEvent, messageEvent } from './websocket-event.ts';
import type { Connection } from './websocket-event.ts';
import { within } from './within.ts';

export interface WebSocketOptions {
  readonly api: WebSocketApi;
  readonly region: string;
  readonly runtime: LambdaRuntime;
  /** Why a client was told of an internal error. Goes to the terminal, never to the client. */
  readonly onProblem: (problem: string) => void;
  /** @default API Gateway's: 2 hours, and 10 minutes of silence */
  readonly limits?: ConnectionLimits;
}

export interface WebSocketFrontDoor {
  readonly upgrade: UpgradeHandler;
  /** Requests that are no upgrade. */
  readonly plain: Handler;
  /** `@connections`, for functions only. */
  readonly management: Handler;
  /** Cuts every connection; no function is told any more. */
  stop(): void;
}

/** The front door of a WebSocket API. The URL has no stage in it, as behind a custom domain. */
export function webSocketFrontDoor(options: WebSocketOptions): WebSocketFrontDoor {
  const { api, region, runtime, onProblem, limits = GATEWAY_LIMITS } = options;
  const connections = new Map<string, OpenConnection>();
  let stopped = false;

  async function upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A client that goes away during its handshake must not end this process.
    socket.on('error', () => socket.destroy());
    const connection: Connection = { id: connectionId(), api, region, request: requestOf(message) };
    const isRoot = connection.request.path === '/';
    const admission = isRoot ? await admit(connection, runtime) : ({ admitted: false, status: 403 } as const);
    if (!admission.admitted) {
      if (admission.problem !== undefined) onProblem(admission.problem);
      return refuse(socket, connection, admission.status);
    }
    return accept(admission.connection, admission.protocol, { message, socket, head });
  }

  function accept(
    connection: Connection,
    protocol: string | undefined,
    { message, socket, head }: { message: IncomingMessage; socket: Duplex; head: Buffer },
  ): void {
    const server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: MESSAGE_LIMIT,
      perMessageDeflate: false,
      // Exactly what the function says: a protocol of the gateway's own choice would be one nobody agreed to.
      handleProtocols: () => protocol ?? false,
    });
    server.on('headers', (headers) => headers.push(`x-amzn-RequestId: ${connection.request.id}`));
    server.handleUpgrade(message, socket, head, (webSocket) => {
      const open = openConnection(connection, webSocket, limits, {
        message: (text) => void receive(open, text),
        end: (code, reason) => void end(connection, code, reason),
      });
      connections.set(connection.id, open);
      if (stopped) webSocket.terminate();
    });
  }

  async function receive(open: OpenConnection, text: string): Promise<void> {
    const { connection } = open;
    const key = routeKeyOf(api, text);
    const route = api.routes.get(key);
    const event = messageEvent(connection, key, text);
    const { requestId } = event.requestContext;
    const complain = (message: string): boolean =>
      open.send(JSON.stringify({ message, connectionId: connection.id, requestId }));
    if (!route) return void complain('Forbidden');
    const result = await within(route.timeout, runtime.invoke(route.functionName, JSON.stringify(event)));
    const answer = result?.ok ? readProxyAnswer(result.payload, false) : undefined;
    // A route without a response is told nothing, whatever its function answers: `null` is an answer too.
    if (result?.ok && !route.responds) return undefined;
    if (answer) return void (answer.body.length > 0 && open.send(answer.body.toString()));
    const why =
      result?.ok === false ? `${result.errorType}: ${result.errorMessage}` : 'no valid answer in time';
    onProblem(`${route.functionName}: ${why}`);
    return void complain('Internal server error');
  }

  async function end(connection: Connection, code: number, reason: string): Promise<void> {
    connections.delete(connection.id);
    const route = api.routes.get('$disconnect');
    if (!route || stopped) return;
    const event = JSON.stringify(disconnectEvent(connection, code, reason));
    const result = await runtime.invoke(route.functionName, event);
    if (!result.ok) onProblem(`${route.functionName}: ${result.errorType}: ${result.errorMessage}`);
  }

  return {
    upgrade,
    plain: (_, response) =>
      sendJson(response, 426, { message: 'Upgrade Required' }, { Upgrade: 'websocket' }),
    management: managementApi(api.stage, (id) => connections.get(id)),
    stop: () => {
      stopped = true;
      for (const { socket } of connections.values()) socket.terminate();
    },
  };
}

/** By the member of the message that the API's expression names; `$default` for everything else. */
function routeKeyOf({ selector, routes }: WebSocketApi, text: string): string {
  const value = selector.reduce<unknown>(
    (level, name) => (isObject(level) && Object.hasOwn(level, name) ? level[name] : undefined),
    parseJson(text),
  );
  // Names with $ are not for clients to choose: `{"action":"$disconnect"}` must not reach that function.
  return typeof value === 'string' && !value.startsWith('$') && routes.has(value) ? value : '$default';
}

/** Of the form of AWS's: `=` and all, so that whoever puts it into a URL must encode it. */
const connectionId = (): string => `${randomBytes(11).toString('base64url')}=`;

/** A refused handshake is an HTTP answer (RFC 6455 §4.2.2). */
function refuse(socket: Duplex, { id, request }: Connection, status: number): void {
  const words = STATUS_CODES[status] ?? '';
  const message = status >= 500 ? 'Internal server error' : words;
  const body = JSON.stringify({ message, connectionId: id, requestId: request.id });
  socket.end(
    [
      `HTTP/1.1 ${status} ${words}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `x-amzn-RequestId: ${request.id}`,
      '',
      body,
    ].join('\r\n'),
  );
}
