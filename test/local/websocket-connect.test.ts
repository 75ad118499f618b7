import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { handshake } from '../../local/handshake.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';
import { webSocketApi } from './fixtures/v2-template.ts';
import { nextMessage } from './fixtures/ws-client.ts';

let stack: LocalStack;
const problems: string[] = [];
beforeAll(async () => {
  stack = await startFixture({
    change: ({ Resources }) => void Object.assign(Resources, webSocketApi()),
    onProgress: (line) => problems.push(line),
  });
});
afterAll(() => stack.stop());

const connect = (headers: Record<string, string | string[]>, protocols?: string[], query = '') =>
  handshake(`${stack.urls.websocket}/${query}`, { headers, ...(protocols && { protocols }) });

const Message = v.object({
  requestContext: v.looseObject({ authorizer: v.record(v.string(), v.string()) }),
});

describe('the authorizer of $connect', () => {
  test('is told the handshake, and where it comes from', async () => {
    const { socket, requestId } = await connect(
      { 'x-answer': 'allow', 'x-protocol': 'crm.v1', 'X-Twice': ['a', 'b'] },
      ['crm.v1'],
      '?a=1&a=2',
    );
    socket.send('hello');
    const { requestContext } = v.parse(Message, JSON.parse(await nextMessage(socket)));
    const question: unknown = JSON.parse(requestContext.authorizer['event'] ?? '');
    expect(question).toMatchObject({
      type: 'REQUEST',
      methodArn: expect.stringMatching(
        /^arn:aws:execute-api:us-east-1:000000000000:[a-z0-9]{10}\/dev\/\$connect$/,
      ),
      headers: { 'Sec-WebSocket-Protocol': 'crm.v1', 'X-Twice': 'b' },
      multiValueHeaders: { 'X-Twice': ['a', 'b'] },
      queryStringParameters: { a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      stageVariables: { color: 'blue' },
      requestContext: {
        routeKey: '$connect',
        eventType: 'CONNECT',
        connectionId: requestContext['connectionId'],
        requestId,
        stage: 'dev',
        messageDirection: 'IN',
        identity: { sourceIp: '127.0.0.1' },
      },
    });
    expect(question).not.toHaveProperty('httpMethod');
    socket.terminate();
  });

  test.each([
    ['allow', 101],
    ['allow-all', 101],
    ['nobody', 401],
    ['deny', 403],
    ['allow-other', 403],
    ['fault', 500],
    ['object', 500],
    ['no-policy', 500],
    ['yes', 500],
  ])('%s: the handshake is answered %d', async (answer, status) => {
    const { socket, ...answered } = await connect({ 'x-answer': answer });
    expect(answered.status).toBe(status);
    socket.terminate();
  });

  test('a refusal tells the client the ids of the request and nothing of why', async () => {
    const { status, body, requestId } = await connect({ 'x-answer': 'deny' });
    expect([status, JSON.parse(body)]).toEqual([
      403,
      { message: 'Forbidden', connectionId: expect.stringMatching(/^[\w-]{15}=$/), requestId },
    ]);
    const fault = await connect({ 'x-answer': 'fault' });
    expect(JSON.parse(fault.body)).toMatchObject({ message: 'Internal server error' });
    expect(problems.join('\n')).toContain('the table is on fire');
  });

  test('an answer of more than 8 KB is a fault, as on AWS', async () => {
    expect((await connect({ 'x-answer': 'long' })).status).toBe(500);
    expect(problems.join('\n')).toContain('its answer is longer than 8192 bytes');
  });
});

describe('the function of $connect', () => {
  const allowed = { 'x-answer': 'allow' };

  test('chooses the subprotocol that the handshake is answered with, and no other is', async () => {
    const offered = ['crm.v1', 'bearer.header.claims.signature'];
    const chosen = await connect({ ...allowed, 'x-protocol': 'crm.v1' }, offered);
    expect([chosen.status, chosen.protocol]).toEqual([101, 'crm.v1']);
    chosen.socket.terminate();
  });

  test('that chooses none has none chosen for it: a client that offered some then gives up', async () => {
    await expect(connect(allowed, ['crm.v1'])).rejects.toThrow('Server sent no subprotocol');
  });

  test.each([
    ['refuse', 418],
    ['throw', 502],
    ['malformed', 502],
  ])('%s: no connection, %d', async (what, status) => {
    expect((await connect({ ...allowed, 'x-connect': what })).status).toBe(status);
  });
});

test('a path below the root is no WebSocket API', async () => {
  expect(
    (await handshake(`${stack.urls.websocket}/other`, { headers: { 'x-answer': 'allow' } })).status,
  ).toBe(403);
});

test('the name of a page that was re-bound to 127.0.0.1 is refused before anybody is asked', async () => {
  expect((await connect({ 'x-answer': 'allow', host: 'attacker.example' })).status).toBe(421);
});

test('a request that is no handshake is told what this is', async () => {
  const answer = await fetch(String(stack.urls.websocket).replace('ws:', 'http:'));
  expect([answer.status, answer.headers.get('upgrade')]).toEqual([426, 'websocket']);
});

test('without an authorizer in the template nobody is asked, without $connect nothing is', async () => {
  const open = await startFixture({
    change: ({ Resources }) => {
      Object.assign(Resources, webSocketApi());
      delete Resources['Connect'];
    },
  });
  try {
    const { status, socket } = await handshake(`${open.urls.websocket}/`, {
      headers: { 'x-connect': 'refuse' },
    });
    expect(status).toBe(101);
    socket.terminate();
  } finally {
    await open.stop();
  }
});

test('a missing identity source is 401, whatever the authorizer would say', async () => {
  const strict = await startFixture({
    change: ({ Resources }) => {
      Object.assign(Resources, webSocketApi());
      Object.assign(Resources['SocketAuthorizer']?.Properties ?? {}, {
        IdentitySource: ['route.request.header.X-Answer', 'route.request.querystring.key'],
      });
    },
  });
  try {
    const headers = { 'x-answer': 'allow' };
    expect((await handshake(`${strict.urls.websocket}/`, { headers })).status).toBe(401);
    const { status, socket } = await handshake(`${strict.urls.websocket}/?key=1`, { headers });
    expect(status).toBe(101);
    socket.terminate();
  } finally {
    await strict.stop();
  }
});
