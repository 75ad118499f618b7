import { listen } from './loopback.ts';
import type { Listener } from './loopback.ts';

/** The stack's own servers, in the order of their ports. */
const servers = [
  { name: 'rest', purpose: 'REST API' },
  { name: 'http', purpose: 'HTTP API' },
  { name: 'websocket', purpose: 'WebSocket API' },
  // Would run any function with any event: not for pages.
  { name: 'lambda', purpose: 'Lambda Invoke API', programsOnly: true },
  { name: 'console', purpose: 'console' },
  { name: 'extension', purpose: 'example extension' },
] as const;

export type ServerName = (typeof servers)[number]['name'];
export type Ports = Readonly<Record<ServerName, Listener>>;

/**
 * Opens all six ports at once, before anything else is done: their numbers go into the template, and one
 * that is taken is said at once.
 *
 * @param first the first of six consecutive ports; 0 chooses free ones
 * @throws {StackError} when one is taken; then none stays open
 */
export async function openPorts(first: number): Promise<Ports> {
  const opened = new Map<ServerName, Listener>();
  try {
    for (const [index, { name, ...server }] of servers.entries()) {
      opened.set(name, await listen({ ...server, port: first === 0 ? 0 : first + index }));
    }
  } catch (error) {
    await Promise.all([...opened.values()].map((listener) => listener.close()));
    throw error;
  }
  const get = (name: ServerName): Listener => {
    const listener = opened.get(name);
    if (!listener) throw new Error(`${name} was not opened`);
    return listener;
  };
  return {
    rest: get('rest'),
    http: get('http'),
    websocket: get('websocket'),
    lambda: get('lambda'),
    console: get('console'),
    extension: get('extension'),
  };
}

/**
 * Where each server is reached. The example extension goes by another name than the rest: cookies ignore
 * ports, and an extension must not share a host with the user's session.
 */
export const urlsOf = (ports: Ports): Record<ServerName, string> => ({
  rest: `http://127.0.0.1:${ports.rest.port}`,
  http: `http://127.0.0.1:${ports.http.port}`,
  websocket: `ws://127.0.0.1:${ports.websocket.port}`,
  lambda: `http://127.0.0.1:${ports.lambda.port}`,
  console: `http://127.0.0.1:${ports.console.port}`,
  extension: `http://localhost:${ports.extension.port}`,
});

/** Where each server is reached, without those that have nothing to serve. */
export function servedUrls(
  ports: Ports,
  closed: readonly ServerName[],
): Omit<Record<ServerName, string>, 'http' | 'websocket'> & { http?: string; websocket?: string } {
  const { http, websocket, ...always } = urlsOf(ports);
  return {
    ...always,
    ...(!closed.includes('http') && { http }),
    ...(!closed.includes('websocket') && { websocket }),
  };
}

/** Origins that may act with a session: never the extension's. */
export const trustedOrigins = (ports: Ports): readonly string[] =>
  [ports.rest, ports.http, ports.console].flatMap(({ port }) => [
    `http://127.0.0.1:${port}`,
    `http://localhost:${port}`,
  ]);
