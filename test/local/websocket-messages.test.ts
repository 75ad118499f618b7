import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WebSocket } from 'ws';
import { handshake } from '../../local/handshake.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';
import { webSocketApi } from './fixtures/v2-template.ts';
import { closed, messageIn, nextMessage, openSocket } from './fixtures/ws-client.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startFixture({ change: ({ Resources }) => void Object.assign(Resources, webSocketApi()) });
});
afterAll(() => stack.stop());

const open = () => openSocket(String(stack.urls.websocket));

const say = async (socket: WebSocket, text: string): Promise<string> => {
  const answer = nextMessage(socket);
  socket.send(text);
  return answer;
};

describe('a message', () => {
  test('reaches $default with the connection and the authorizer’s word, and no headers', async () => {
    const { socket, event } = await open();
    expect(event).toMatchObject({
      body: 'hello',
      isBase64Encoded: false,
      requestContext: {
        routeKey: '$default',
        eventType: 'MESSAGE',
        messageId: expect.any(String),
        connectedAt: expect.any(Number),
        authorizer: { principalId: 'user:1', admin: 'true' },
        identity: { sourceIp: '127.0.0.1' },
      },
    });
    expect(event).not.toHaveProperty('headers');
    socket.terminate();
  });

  test.each([
    ['{"action":"ask","send":true}', 'ask'],
    ['{"action":"other","send":true}', '$default'],
    ['{"action":"$disconnect","send":true}', '$default'],
    ['{"action":"$connect","send":true}', '$default'],
    ['{"action":["ask"],"send":true}', '$default'],
    ['not json', '$default'],
  ])('%s selects the route %s', async (text, routeKey) => {
    const { socket } = await open();
    expect((await messageIn(say(socket, text))).requestContext).toMatchObject({
      routeKey,
    });
    socket.terminate();
  });

  test('is answered with what the function says only where the route has a response', async () => {
    const { socket } = await open();
    expect(await say(socket, '{"action":"ask","answer":"pong"}')).toBe('pong');
    socket.send('{"answer":"never sent"}');
    expect(await say(socket, '{"action":"ask","answer":"again"}')).toBe('again');
    socket.terminate();
  });

  test('whose function fails is told so, without why', async () => {
    const { socket, id } = await open();
    expect(JSON.parse(await say(socket, '{"fail":true}'))).toEqual({
      message: 'Internal server error',
      connectionId: id,
      requestId: expect.any(String),
    });
    socket.terminate();
  });

  test('of bytes ends the connection with 1003, one over 128 KB with 1009', async () => {
    const bytes = await open();
    bytes.socket.send(Buffer.from([1]));
    expect((await closed(bytes.socket))[0]).toBe(1003);
    const long = await open();
    long.socket.send('x'.repeat(128 * 1024 + 1));
    expect((await closed(long.socket))[0]).toBe(1009);
  });
});

test('without $default what selects no route is forbidden', async () => {
  const strict = await startFixture({
    change: ({ Resources }) => {
      Object.assign(Resources, webSocketApi());
      delete Resources['Default'];
    },
  });
  try {
    const { socket } = await handshake(`${strict.urls.websocket}/`, { headers: { 'x-answer': 'allow' } });
    expect(JSON.parse(await say(socket, 'hello'))).toMatchObject({ message: 'Forbidden' });
    socket.terminate();
  } finally {
    await strict.stop();
  }
});

test('$disconnect is told who left, and how', async () => {
  const { socket, id } = await open();
  const told = stack.decisions.of(id, 5000);
  socket.close(4000, 'enough');
  expect(await told).toMatchObject({
    told: {
      requestContext: {
        routeKey: '$disconnect',
        eventType: 'DISCONNECT',
        disconnectStatusCode: 4000,
        disconnectReason: 'enough',
        authorizer: { principalId: 'user:1' },
      },
    },
  });
});
