import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readBody } from '../loopback.ts';

/** A request as the client sent it, its parts taken apart and nothing changed. */
export interface HttpRequest {
  /** API Gateway's request id. */
  readonly id: string;
  readonly method: string;
  /** Raw path, still percent-encoded, without query. */
  readonly path: string;
  readonly query: readonly Pair[];
  /** The query as sent, still percent-encoded, without its `?`. */
  readonly rawQuery: string;
  /** Names in the client's case, repeated headers kept, hop-by-hop headers gone, forwarding headers added. */
  readonly headers: readonly Pair[];
  readonly sourceAddress: string;
  readonly body: Buffer;
  /** Epoch milliseconds. */
  readonly time: number;
}

export type Pair = readonly [name: string, value: string];

/** API Gateway's limit on a payload, in bytes: 10 MB. */
export const BODY_LIMIT = 10 * 1024 * 1024;

/** RFC 9110 §7.6.1: meant for one connection, not for what is behind it. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @returns the request, and whether its body was longer than API Gateway takes (it is then empty) */
export async function readRequest(
  message: IncomingMessage,
): Promise<{ request: HttpRequest; tooLarge: boolean }> {
  const body = await readBody(message, BODY_LIMIT);
  return { request: requestOf(message, body), tooLarge: body === undefined };
}

/** The request that a message begins, with a body that was read before or of which there is none. */
export function requestOf(message: IncomingMessage, body: Buffer = Buffer.alloc(0)): HttpRequest {
  const [path = '', ...rest] = (message.url ?? '/').split('?');
  const rawQuery = rest.join('?');
  const sourceAddress = (message.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
  return {
    id: randomUUID(),
    method: message.method ?? 'GET',
    path,
    query: [...new URLSearchParams(rawQuery)],
    rawQuery,
    headers: forwarded(pairs(message.rawHeaders), sourceAddress, message.socket.localPort ?? 0),
    sourceAddress,
    body,
    time: Date.now(),
  };
}

/** The last value of a header, as API Gateway's single-value maps have it. Names compare without case. */
export const headerOf = ({ headers }: HttpRequest, name: string): string | undefined =>
  headers.findLast(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];

/** All values by name. Names that differ in case only are one header, under the spelling that came first. */
export function grouped(
  entries: readonly Pair[],
  ignoreCase: boolean,
): ReadonlyMap<string, readonly string[]> {
  const spelling = new Map<string, string>();
  const groups = new Map<string, string[]>();
  for (const [name, value] of entries) {
    const key = ignoreCase ? name.toLowerCase() : name;
    const first = spelling.get(key) ?? name;
    spelling.set(key, first);
    groups.set(first, [...(groups.get(first) ?? []), value]);
  }
  return groups;
}

const pairs = (raw: readonly string[]): readonly Pair[] =>
  raw.flatMap((name, index): Pair[] => (index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : []));

/** What API Gateway adds. A client's own X-Forwarded-For stays in front, so it can never be trusted. */
function forwarded(headers: readonly Pair[], address: string, port: number): readonly Pair[] {
  const own = new Set(['x-forwarded-for', 'x-forwarded-port', 'x-forwarded-proto', 'x-amzn-trace-id']);
  const before = headers
    .filter(([name]) => name.toLowerCase() === 'x-forwarded-for')
    .map(([, value]) => value);
  const kept = headers.filter(
    ([name]) => !HOP_BY_HOP.has(name.toLowerCase()) && !own.has(name.toLowerCase()),
  );
  const trace = randomUUID().replaceAll('-', '');
  return [
    ...kept,
    ['X-Amzn-Trace-Id', `Root=1-${trace.slice(0, 8)}-${trace.slice(8)}`],
    ['X-Forwarded-For', [...before, address].join(', ')],
    ['X-Forwarded-Port', String(port)],
    ['X-Forwarded-Proto', 'http'],
  ];
}
