import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startEngine } from '../../local/engine.ts';
import type { Engine } from '../../local/engine.ts';
import { startStack } from '../../local/stack.ts';
import type { LocalStack } from '../../local/stack.ts';
import { loadAssembly } from '../../local/template.ts';
import { startBlackHole } from './harness/black-hole.ts';
import { connect, open } from './harness/connection.ts';
import type { Connection } from './harness/connection.ts';
import { member, send } from './harness/http.ts';
import type { Fields, Reply } from './harness/http.ts';
import { signUp } from './harness/person.ts';
import type { Person } from './harness/person.ts';
import { createKey, found, installation, mustBe } from './harness/world.ts';

/** Milliseconds: twice the authorizer's deadline, for a machine that is busy with other tests. */
const bound = 3000;

let directory: string;
let engine: Engine;
let stack: LocalStack;
let alice: Person;
let key: string;
let token: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'contract-faults-'));
  engine = await startEngine({ dataPath: join(directory, 'dynamodb.db') });
  // Facts of no age: what is down is missed at once.
  stack = await startStack({ directory, dynamodb: engine.endpoint, functions: { FACTS_TTL_SECONDS: '0' } });
  const { rest } = stack.urls;
  alice = await signUp(rest, rest, 'alice');
  await found(alice, 'acme-corp');
  ({ key } = await createKey(alice));
  const path = '/v1/extensions/any';
  await mustBe(200, alice.ask(`${path}/installation`, { method: 'PUT', json: installation }));
  token = String(member((await mustBe(201, alice.post(`${path}/token`, {}))).body, 'token'));
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  await engine?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const ask = (headers: Fields, path = '/v1/whoami'): Promise<Reply> =>
  send(stack.urls.rest, path, { headers });
const credentials = (): readonly Fields[] => [
  [['x-api-key', key]],
  [['Cookie', alice.cookie()]],
  [['Cookie', `better-auth-session=${alice.cookieNamed('better-auth-session')}`]],
  [['Authorization', `Bearer ${token}`]],
];
/** 503 with what a client needs to try again: never 401, on which it would throw its credential away. */
const isUnavailable = (reply: Reply): void => {
  expect(reply).toMatchObject({ status: 503, body: { error: 'unavailable', requestId: reply.requestId } });
  expect(reply.header('retry-after').join()).toMatch(/^\d+$/);
  expect(reply.header('cache-control')).toEqual(['no-store']);
  expect(reply.header('access-control-allow-origin')).toEqual([stack.urls.rest]);
  expect(reply.header('www-authenticate')).toEqual([]);
  expect(reply.took).toBeLessThan(bound);
};
/** The same fault over the other two APIs, which have no words of ours for it: their 500, and no connection. */
const isFault = async (headers: Fields): Promise<void> => {
  const { http = '', websocket = '' } = stack.urls;
  const reply = await send(http, '/v1/whoami', { headers });
  expect([reply.status, reply.body]).toEqual([500, { message: 'Internal Server Error' }]);
  expect(reply.took).toBeLessThan(bound);
  const began = performance.now();
  const { status, socket } = await connect(websocket, { headers: [...headers, ['Origin', stack.urls.rest]] });
  if (status === 101) socket.terminate();
  expect(status).toBe(500);
  expect(performance.now() - began).toBeLessThan(bound);
};
/** Asks until it is answered so: a breaker lets one request a second see whether its dependency is back. */
const eventually = async (status: number, headers: Fields, base = stack.urls.rest): Promise<void> => {
  const began = performance.now();
  const again = (): Promise<Reply> => send(base, '/v1/whoami', { headers });
  let reply = await again();
  while (reply.status !== status && performance.now() - began < 5000) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    reply = await again();
  }
  expect(reply.status).toBe(status);
};

describe('while DynamoDB', () => {
  const outage = async (): Promise<void> => {
    for (let round = 0; round < 2; round += 1) {
      for (const headers of credentials()) isUnavailable(await ask(headers));
    }
    for (const headers of credentials()) await isFault(headers);
    // Five failures in a row: from now on it fails at once.
    const quick = await ask([['x-api-key', key]]);
    isUnavailable(quick);
    const many = await Promise.all(Array.from({ length: 10 }, () => ask([['x-api-key', key]])));
    for (const reply of many) isUnavailable(reply);
    // What needs no store is refused as always.
    expect((await ask([])).status).toBe(401);
    expect((await ask([['x-api-key', 'crm_test_x']])).status).toBe(401);
    expect((await ask([['x-api-key', key]], '/v1/nothing')).status).toBe(404);
  };
  /** An open connection is told that something failed, and kept: its credential may stand. */
  const isKept = async (connection: Connection): Promise<void> => {
    expect(await connection.ask()).toMatchObject({ message: { message: 'Internal server error' } });
  };
  const identityToo = async (): Promise<void> => {
    const { rest } = stack.urls;
    const { email, password } = alice;
    const reply = await send(rest, '/api/auth/sign-in/email', {
      method: 'POST',
      headers: [['Origin', rest]],
      json: { email, password },
    });
    expect(reply).toMatchObject({ status: 503, body: { error: 'unavailable', requestId: reply.requestId } });
    expect(reply.header('retry-after').join()).toMatch(/^\d+$/);
    expect(reply.header('cache-control').join()).toContain('no-store');
  };

  test('is gone, whoever presents what gets 503 within the deadline, and is let in again when it is back', async () => {
    const connection = await open(stack.urls.websocket ?? '', { headers: [['x-api-key', key]] });
    expect(await connection.ask()).toMatchObject({ message: { userId: alice.id } });
    await engine.stop();
    try {
      await outage();
      await isKept(connection);
      await identityToo();
    } finally {
      engine = await startEngine({ port: engine.port, dataPath: join(directory, 'dynamodb.db') });
    }
    for (const headers of credentials()) await eventually(200, headers);
    const { http = '' } = stack.urls;
    for (const headers of credentials()) await eventually(200, headers, http);
    connection.end();
  });

  test('hangs, it is the same: a connection that is never answered costs nobody more than the deadline', async () => {
    await engine.stop();
    const close = await startBlackHole(engine.port);
    try {
      await outage();
    } finally {
      await close();
      engine = await startEngine({ port: engine.port, dataPath: join(directory, 'dynamodb.db') });
    }
    for (const headers of credentials()) await eventually(200, headers);
  });
});

describe('a stack whose Secrets Manager hangs', () => {
  let blind: LocalStack;
  let close: () => Promise<void>;
  beforeAll(async () => {
    const own = mkdtempSync(join(directory, 'blind-'));
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    const address = probe.address();
    await new Promise((resolve) => probe.close(resolve));
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    close = await startBlackHole(port);
    blind = await startStack({
      // The other stack's template, instead of another synthesis of the same.
      assembly: loadAssembly(join(directory, 'cdk.out')),
      directory: own,
      dynamodb: engine.endpoint,
      functions: { AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}` },
    });
  }, 120_000);
  afterAll(async () => {
    await blind?.stop();
    await close?.();
  });

  test('answers 503 to cookies and tokens within the deadline, good or bad, and serves API keys', async () => {
    const { rest } = blind.urls;
    const forged = `better-auth-session=${encodeURIComponent(`x.${'A'.repeat(43)}=`)}`;
    for (const headers of [
      [['Cookie', alice.cookie()]],
      [['Cookie', forged]],
      [['Authorization', `Bearer ${token}`]],
    ] satisfies Fields[]) {
      const reply = await send(rest, '/v1/whoami', { headers });
      expect(reply).toMatchObject({ status: 503, body: { error: 'unavailable' } });
      expect(reply.header('retry-after').join()).toMatch(/^\d+$/);
      expect(reply.took).toBeLessThan(bound);
    }
    const served = await send(rest, '/v1/whoami', { headers: [['x-api-key', key]] });
    expect(served.status).toBe(200);
  });

  test('signs nobody in, and says 503', async () => {
    const { rest } = blind.urls;
    const { email, password } = alice;
    const headers: Fields = [['Origin', rest]];
    const reply = await send(rest, '/api/auth/sign-in/email', {
      method: 'POST',
      headers,
      json: { email, password },
    });
    expect(reply).toMatchObject({ status: 503, body: { error: 'unavailable' } });
    expect(reply.header('retry-after').join()).toMatch(/^\d+$/);
  });
});
