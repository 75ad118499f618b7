import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** Takes connections on a port and never answers. @returns what closes it */
export function startBlackHole(port: number): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', () => {});
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () =>
      resolve(async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((closed) => server.close(closed));
      }),
    );
  });
}
