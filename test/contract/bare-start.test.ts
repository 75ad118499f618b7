import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { appeared, checkOut, freePorts } from './harness/checkout.ts';
import type { Checkout, Started } from './harness/checkout.ts';
import { member, send } from './harness/http.ts';

let checkout: Checkout;
let started: Started;
let stack: unknown;
const local = (name: string): string => join(checkout.directory, '.local', name);

beforeAll(async () => {
  checkout = checkOut();
  started = checkout.start({
    LOCAL_PORT: String(await freePorts()),
    LOCAL_DEMO: '0',
    COOKIE_DOMAIN: '.crm.example.test',
  });
  stack = await appeared(local('stack.json'), started);
}, 120_000);
afterAll(async () => {
  started?.kill('SIGTERM');
  await started?.exited;
  checkout?.remove();
});

test('LOCAL_DEMO=0 starts a stack without demo data and without sample requests', () => {
  expect(stack).toMatchObject({ ready: true, http: expect.any(String), websocket: expect.any(String) });
  expect(Object.keys(Object(stack))).not.toContain('demo');
  expect(started.stdout()).not.toMatch(/GET \/v1|credential_missing|curl/);
  // Demo data is made by requests, each of which would be here.
  expect(readFileSync(local('decisions.jsonl'), 'utf8')).toBe('');
});

test('COOKIE_DOMAIN is the domain of every cookie, whatever the URL is', async () => {
  const rest = String(member(stack, 'rest'));
  const reply = await send(rest, '/api/auth/sign-up/email', {
    method: 'POST',
    headers: [['Origin', rest]],
    json: { name: 'Lena', email: 'lena@people.test', password: 'correct horse battery staple' },
  });
  expect(reply.status).toBe(200);
  expect(reply.header('set-cookie').length).toBeGreaterThan(0);
  for (const line of reply.header('set-cookie')) {
    expect(line.toLowerCase()).toMatch(/; domain=\.?crm\.example\.test(?:;|$)/);
  }
});
