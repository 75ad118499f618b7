import type { IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';

/** What a request for a WebSocket was answered: 101 and an open socket, or a refusal. */
export interface Handshake {
  readonly status: number;
  /** API Gateway's id of the request. */
  readonly requestId: string;
  /** Of a refusal. */
  readonly body: string;
  /** The subprotocol that was chosen; empty for none. */
  readonly protocol: string;
  readonly socket: WebSocket;
}

export interface HandshakeOptions {
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Offered as `Sec-WebSocket-Protocol`. */
  readonly protocols?: readonly string[];
}

/**
 * Asks for a WebSocket. Any status is an answer.
 *
 * @throws {Error} when the connection fails, or the answer breaks the protocol (RFC 6455 §4.1)
 */
export function handshake(
  url: string,
  { headers = {}, protocols = [] }: HandshakeOptions = {},
): Promise<Handshake> {
  const socket = new WebSocket(url, [...protocols], { headers });
  let requestId = '';
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('upgrade', (answer) => {
      requestId = idIn(answer.headers);
    });
    socket.on('open', () => resolve({ status: 101, requestId, body: '', protocol: socket.protocol, socket }));
    socket.on('unexpected-response', (_, answer) => {
      const { statusCode: status = 0 } = answer;
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('end', () =>
        resolve({ status, requestId: idIn(answer.headers), body, protocol: '', socket }),
      );
    });
  });
}

const idIn = (headers: IncomingHttpHeaders): string => headers['x-amzn-requestid']?.toString() ?? '';
