import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { StackError } from './stack-error.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
/** Takes over a connection; `head` is what was read from it beyond the request. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void | Promise<void>;

/** A server that only this machine can reach. */
export interface Listener {
  readonly port: number;
  /** From now on requests go to this handler; until then they are answered 503. */
  serve(handler: Handler): void;
  /** From now on connections that ask for another protocol go to this handler, under the same host check. */
  serveUpgrades(handler: UpgradeHandler): void;
  /** Ends every connection and frees the port. Safe to call twice. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** TCP port; 0 chooses a free one. */
  readonly port: number;
  /** What it is for, in the message about a port that is taken. */
  readonly purpose: string;
  /**
   * Refuse whatever a browser sends. A page cannot read an answer across origins, but it can send a simple
   * POST: enough to invoke a function with a forged authorizer context, or to overwrite a secret.
   */
  readonly programsOnly?: boolean;
}

/** Host names that are this machine by definition, never by a DNS answer (RFC 6761 §6.3). */
const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/**
 * Listens on 127.0.0.1 and refuses a request for any other host with 421: a page whose own name was re-bound
 * to 127.0.0.1 would otherwise be same-origin with this server, and could read everything it answers.
 *
 * @throws {StackError} when the port is taken
 */
export async function listen({ port, purpose, programsOnly = false }: ListenOptions): Promise<Listener> {
  let handler: Handler = (_, response) => refuse(response, 503, 'The local stack is starting or stopping.');
  const upgraded = new Set<Duplex>();
  const server = createServer((request, response) => {
    if (!isLoopbackHost(request.headers.host)) {
      return refuse(response, 421, 'This server answers requests for 127.0.0.1 and localhost only.');
    }
    if (programsOnly && isFromBrowser(request)) {
      return refuse(response, 403, 'This server answers programs only, not pages.');
    }
    Promise.resolve(handler(request, response)).catch((error: unknown) => {
      report(purpose, error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The local stack failed; its terminal says why.');
    });
    return undefined;
  });
  // As long as API Gateway's. Node's own 5 seconds would close connections that clients still count on.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port, purpose)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new StackError(`${purpose} has no port`);
  return {
    port: address.port,
    serve: (next) => {
      handler = next;
    },
    serveUpgrades: (next) => {
      server.on('upgrade', (request, socket, head) => {
        // No longer the server's own: it would wait for them for ever.
        upgraded.add(socket);
        socket.once('close', () => upgraded.delete(socket));
        // No cross-origin rule holds a page back from opening a WebSocket: the host is all there is to check here.
        if (!isLoopbackHost(request.headers.host)) return void socket.end(MISDIRECTED);
        Promise.resolve(next(request, socket, head)).catch((error: unknown) => {
          report(purpose, error);
          socket.destroy();
        });
        return undefined;
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

const MISDIRECTED = 'HTTP/1.1 421 Misdirected Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

const report = (purpose: string, error: unknown): void =>
  console.error(`${purpose}: ${error instanceof Error ? error.stack : String(error)}`);

export const isLoopbackHost = (host: string | undefined): boolean =>
  host !== undefined && LOOPBACK_HOST.test(host);

/** Browsers send at least one of the two on every request that crosses origins, and pages cannot remove them. */
export const isFromBrowser = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;

/** The whole body, or undefined when it is longer than the limit (bytes). */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    // Read to the end all the same: an answer before that would be lost with the connection.
    if (length <= limit) chunks.push(bytes);
  }
  return length > limit ? undefined : Buffer.concat(chunks);
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Headers = {},
): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
}
type Headers = Readonly<Record<string, string>>;

function refuse(response: ServerResponse, status: number, message: string): void {
  sendJson(response, status, { message }, { Connection: 'close' });
}

function portError(error: NodeJS.ErrnoException, port: number, purpose: string): Error {
  if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return error;
  const why = error.code === 'EACCES' ? 'may not be opened' : 'is taken';
  return new StackError(
    `port ${port} (${purpose}) ${why}: stop the program that uses it, or set LOCAL_PORT to the first of six free ports`,
    { cause: error },
  );
}
