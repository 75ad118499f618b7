import { handshake } from '../../../local/handshake.ts';
import type { Handshake } from '../../../local/handshake.ts';
import type { Fields } from './http.ts';

/** What a message led to: the answer, or the end of the connection. */
export type Outcome = { readonly message: unknown } | { readonly closed: number };

/** An open WebSocket that is used by asking and waiting for what comes. */
export interface Connection {
  readonly protocol: string;
  /** Sends a message. @throws {Error} when nothing comes of it within two seconds */
  readonly ask: (text?: string) => Promise<Outcome>;
  /** Messages so far. */
  readonly received: () => number;
  readonly end: () => void;
}

export interface Opening {
  readonly headers?: Fields;
  readonly protocols?: readonly string[];
  /** Path and query. @default / */
  readonly at?: string;
}

/** Asks for a WebSocket. */
export function connect(
  url: string,
  { headers = [], protocols = [], at = '/' }: Opening = {},
): Promise<Handshake> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of headers) byName.set(name, [...(byName.get(name) ?? []), value]);
  return handshake(`${url}${at}`, { headers: Object.fromEntries(byName), protocols });
}

/** @throws {Error} when it is refused */
export async function open(url: string, opening: Opening = {}): Promise<Connection> {
  const { status, body, protocol, socket } = await connect(url, opening);
  if (status !== 101) throw new Error(`refused: ${status} ${body}`);
  let count = 0;
  let closed: number | undefined;
  let waiting: (outcome: Outcome) => void = () => {};
  socket.on('message', (data: Buffer) => {
    count += 1;
    waiting({ message: JSON.parse(data.toString()) });
  });
  socket.on('close', (code) => {
    closed = code;
    waiting({ closed: code });
  });
  const ask = (text = 'who am I?'): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('nothing came')), 2000);
      waiting = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      if (closed === undefined) socket.send(text);
      else waiting({ closed });
    });
  return { protocol, ask, received: () => count, end: () => socket.terminate() };
}
