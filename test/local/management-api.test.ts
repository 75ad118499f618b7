import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';
import { webSocketApi } from './fixtures/v2-template.ts';
import { closed, nextMessage, openSocket } from './fixtures/ws-client.ts';

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

const open = () => openSocket(String(stack.urls.websocket));

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
