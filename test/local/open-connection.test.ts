import { once } from 'node:events';
import { afterAll, expect, test } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { openConnection } from '../../local/gateway/open-connection.ts';
import type { ConnectionLimits, OpenConnection } from '../../local/gateway/open-connection.ts';
import type { Connection } from '../../local/gateway/websocket-event.ts';
import { closed } from './fixtures/ws-client.ts';

const connection: Connection = {
  id: 'id=',
  region: 'us-east-1',
  api: { id: 'api', stage: 'dev', stageVariables: undefined, selector: ['action'], routes: new Map() },
  request: {
    id: 'request',
    method: 'GET',
    path: '/',
    query: [],
    rawQuery: '',
    headers: [],
    sourceAddress: '127.0.0.1',
    body: Buffer.alloc(0),
    time: 0,
  },
};

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
afterAll(() => server.close());

/** Both ends of a connection under these limits. */
async function pair(
  limits: ConnectionLimits,
): Promise<{ client: WebSocket; open: OpenConnection; ended: Promise<number> }> {
  await (server.address() === null && once(server, 'listening'));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const accepted = once(server, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const [socket] = await accepted;
  if (!(socket instanceof WebSocket)) throw new Error('no connection');
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const open = openConnection(connection, socket, limits, { message: () => {}, end: resolve });
  return { client, open, ended };
}

test('a connection that says nothing ends with 1001', async () => {
  const { client, ended } = await pair({ duration: 60_000, idle: 20 });
  expect((await closed(client))[0]).toBe(1001);
  expect(await ended).toBe(1001);
});

test('a connection ends when its time is up, however much it says', async () => {
  const { client } = await pair({ duration: 100, idle: 60_000 });
  client.on('open', () => client.send('still here'));
  const [code, reason] = await closed(client);
  expect([code, reason]).toEqual([1001, 'Connection Duration Limit Exceeded']);
});

test('a client that does not answer the close frame is cut off', async () => {
  const { client, ended } = await pair({ duration: 60_000, idle: 100 });
  await once(client, 'open');
  client.pause();
  expect(await ended).toBe(1006);
  client.terminate();
});
