import { createServer, request } from 'node:http';
import { once } from 'node:events';

/** A way to Secrets Manager that can be shut, for the processes that go by it. */
export interface Gate {
  readonly endpoint: string;
  /** Shut, nobody listens behind it. */
  isOpen: boolean;
  /** Requests that went through. */
  readonly passed: () => number;
  readonly stop: () => Promise<void>;
}

export async function openGate(target: string): Promise<Gate> {
  const { hostname, port, host } = new URL(target);
  let passed = 0;
  const server = createServer((incoming, outgoing) => {
    if (!gate.isOpen) return void incoming.destroy();
    passed += 1;
    const headers = { ...incoming.headers, host };
    const forward = request({ hostname, port, method: 'POST', path: incoming.url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    forward.once('error', () => outgoing.destroy());
    incoming.pipe(forward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const gate: Gate = {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    isOpen: true,
    passed: () => passed,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return gate;
}
