import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import type { WebSocket } from 'ws';
import { handshake } from '../../local/handshake.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';
import { webSocketApi } from './fixtures/v2-template.ts';
import { closed, nextMessage } from './fixtures/ws-client.ts';

let stack: LocalStack;
let client: ApiGatewayManagementApiClient;
let management = '';
beforeAll(async () => {
  stack = await startFixture({
    change: ({ Resources }) => {
      Object.assign(Resources, webSocketApi());
      Object.assign(Resources['Endpoint']?.Properties ?? {}, { Timeout: 5 });
    },
  });
  // Where functions are told it is.
  const environment = await stack.runtime.invoke('Fixture-Endpoint', '{"do":"environment"}');
  const { body } = v.parse(
    v.object({ body: v.string() }),
    JSON.parse(environment.ok ? environment.payload : '{}'),
  );
  management = v.parse(
    v.object({ WEBSOCKET_MANAGEMENT_URL: v.string() }),
    JSON.parse(body),
  ).WEBSOCKET_MANAGEMENT_URL;
  client = new ApiGatewayManagementApiClient({
    endpoint: management,
    region: stack.urls.region,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await stack.stop();
});

const Event = v.looseObject({
  requestContext: v.looseObject({
    connectionId: v.string(),
    authorizer: v.record(v.string(), v.string()),
  }),
});

/** An open connection and the event of its first message. */
async function open(): Promise<{ socket: WebSocket; event: v.InferOutput<typeof Event>; id: string }> {
  const { socket } = await handshake(`${stack.urls.websocket}/`, { headers: { 'x-answer': 'allow' } });
  socket.send('hello');
  const event = v.parse(Event, JSON.parse(await nextMessage(socket)));
  return { socket, event, id: event.requestContext.connectionId };
}

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
    expect(v.parse(Event, JSON.parse(await say(socket, text))).requestContext).toMatchObject({
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

describe('@connections, by the AWS SDK', () => {
  test('sends a message', async () => {
    const { socket, id } = await open();
    const message = nextMessage(socket);
    await client.send(new PostToConnectionCommand({ ConnectionId: id, Data: 'news — ✓' }));
    expect(await message).toBe('news — ✓');
    socket.terminate();
  });

  test('tells since when a connection is open, and when it was last active', async () => {
    const { socket, id, event } = await open();
    const { ConnectedAt, Identity, LastActiveAt } = await client.send(
      new GetConnectionCommand({ ConnectionId: id }),
    );
    expect(ConnectedAt?.getTime()).toBe(event.requestContext['connectedAt']);
    expect(LastActiveAt?.getTime()).toBeGreaterThanOrEqual(ConnectedAt?.getTime() ?? Infinity);
    expect(Identity).toMatchObject({ SourceIp: '127.0.0.1' });
    socket.terminate();
  });

  test('disconnects a client with 1000, and $disconnect is told', async () => {
    const { socket, id } = await open();
    const told = stack.decisions.of(id, 5000);
    const end = closed(socket);
    await client.send(new DeleteConnectionCommand({ ConnectionId: id }));
    expect(await end).toEqual([1000, 'Connection Closed Normally']);
    expect(await told).toMatchObject({ told: { requestContext: { disconnectStatusCode: 1000 } } });
  });

  test('says of a connection that is not there that it is gone', async () => {
    const { socket, id } = await open();
    const told = stack.decisions.of(id, 5000);
    socket.terminate();
    await told;
    for (const ConnectionId of [id, 'never-was=']) {
      const sent = client.send(new PostToConnectionCommand({ ConnectionId, Data: 'x' }));
      await expect(sent).rejects.toMatchObject({ name: 'GoneException' });
    }
  });

  test('takes at most 128 KB', async () => {
    const { socket, id } = await open();
    const sent = client.send(
      new PostToConnectionCommand({ ConnectionId: id, Data: 'x'.repeat(128 * 1024 + 1) }),
    );
    await expect(sent).rejects.toMatchObject({ name: 'PayloadTooLargeException' });
    socket.terminate();
  });

  test('answers programs only: no page can speak to a client', async () => {
    const { socket, id } = await open();
    const url = `${management}/@connections/${encodeURIComponent(id)}`;
    const post = (headers: Record<string, string>) => fetch(url, { method: 'POST', body: 'x', headers });
    expect((await post({})).status).toBe(200);
    expect((await post({ Origin: 'https://attacker.example' })).status).toBe(403);
    socket.terminate();
  });
});
