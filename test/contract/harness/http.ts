import { request } from 'node:http';

/** Header fields in the order and spelling they are sent; a name may be there twice. */
export type Fields = readonly (readonly [name: string, value: string])[];

export interface Sent {
  /** @default GET */
  readonly method?: string;
  readonly headers?: Fields;
  /** Sent as it is. */
  readonly body?: string | Buffer;
  /** Sent as JSON, with its media type. */
  readonly json?: unknown;
}

export interface Reply {
  readonly status: number;
  /** The values of a header, by its lower-cased name; empty when it is absent. */
  readonly header: (name: string) => readonly string[];
  /** Everything that was answered but the body, as sent. */
  readonly rawHeaders: readonly string[];
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
  readonly requestId: string;
  /** Milliseconds until the last byte. */
  readonly took: number;
}

/**
 * Sends a request byte for byte as given: neither `fetch`'s forbidden headers nor its path normalization stand
 * between a test and the server.
 */
export function send(base: string, path: string, sent: Sent = {}): Promise<Reply> {
  const { method = 'GET', headers = [], json } = sent;
  const body = json === undefined ? sent.body : JSON.stringify(json);
  const { hostname, port, host } = new URL(base);
  const named = new Set(headers.map(([name]) => name.toLowerCase()));
  const fields = [
    ...(named.has('host') ? [] : [['Host', host] as const]),
    ...(json === undefined || named.has('content-type')
      ? []
      : [['Content-Type', 'application/json'] as const]),
    ...(body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const]),
    ...headers,
  ];
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const message = request(
      { hostname, port, path, method, headers: fields.flat(), agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const header = (name: string): readonly string[] => response.headersDistinct[name] ?? [];
          resolve({
            status: response.statusCode ?? 0,
            header,
            rawHeaders: response.rawHeaders,
            text,
            body: parsed(text),
            // HTTP APIs call it otherwise.
            requestId: [...header('x-amzn-requestid'), ...header('apigw-requestid')].join(),
            took: performance.now() - began,
          });
        });
      },
    );
    message.on('error', reject);
    message.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A member of an object whose shape nothing has checked; undefined where there is none. */
export const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;

/** A member of the body that must be text. @throws {Error} with the answer, when it is not */
export function textOf({ status, text, body }: Reply, ...path: readonly string[]): string {
  const value = path.reduce(member, body);
  if (typeof value === 'string') return value;
  throw new Error(`no text at ${path.join('.')} of the answer ${status} ${text}`);
}
