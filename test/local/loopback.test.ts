import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isLoopbackHost, listen } from '../../local/loopback.ts';
import type { LocalStack } from '../../local/stack.ts';
import { startFixture } from './fixtures/stack.ts';
import { httpApi, webSocketApi } from './fixtures/v2-template.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await startFixture({
    change: ({ Resources }) => void Object.assign(Resources, httpApi(), webSocketApi()),
  });
});
afterAll(() => stack.stop());

/** The status of a request with headers that `fetch` does not let one write. */
const statusOf = (
  url: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const message = request(url, { headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    message.on('error', reject).end();
  });

const servers = ['rest', 'http', 'websocket', 'lambda', 'console', 'extension', 'secretsManager'] as const;

describe.each(servers)('the %s server', (name) => {
  test('refuses the name of a page that was re-bound to 127.0.0.1', async () => {
    const { port } = new URL(stack.urls[name] ?? '');
    for (const Host of ['attacker.example', `attacker.example:${port}`, '127.0.0.1.attacker.example']) {
      expect(await statusOf(`http://127.0.0.1:${port}/`, { Host })).toBe(421);
    }
  });
});

test.each(['127.0.0.1', '127.0.0.1:3000', 'localhost', 'LOCALHOST:3000', '[::1]:3000'])(
  '%s is this machine',
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

test.each([
  undefined,
  '',
  'localhost.example',
  'localhost:',
  '127.0.0.1:3000@evil',
  '127.1',
  '0.0.0.0',
  'x:3000',
])('%s is not this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});

test('a page can invoke no function and read no secret: programs only', async () => {
  const invoke = `${stack.urls.lambda}/2015-03-31/functions/Fixture-Endpoint/invocations`;
  expect(await statusOf(invoke, {}, 'POST')).toBe(200);
  for (const headers of [
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'none' },
  ]) {
    expect(await statusOf(invoke, headers, 'POST')).toBe(403);
    expect(await statusOf(stack.urls.secretsManager, headers, 'POST')).toBe(403);
  }
});

test('a port that is taken is one line that says which, for what, and what to do', async () => {
  const holder = await listen({ port: 0, purpose: 'holder' });
  await expect(listen({ port: holder.port, purpose: 'REST API' })).rejects.toThrow(
    `port ${holder.port} (REST API) is taken: stop the program that uses it, or set LOCAL_PORT to the first of six free ports`,
  );
  await holder.close();
});
