import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { serveConsole } from '../../local/console.ts';
import { seedDemo } from '../../local/demo.ts';
import type { Demo } from '../../local/demo.ts';
import { serveExtension } from '../../local/extension.ts';
import { call } from '../../local/http-client.ts';
import { expiredToken } from '../../local/show-samples.ts';
import { samplesFor } from '../../local/samples.ts';
import { sendSample } from '../../local/send-sample.ts';
import { startStack } from '../../local/stack.ts';
import type { LocalStack } from '../../local/stack.ts';
import { loadAssembly } from '../../local/template.ts';

const directory = mkdtempSync(join(tmpdir(), 'local-stack-'));
let stack: LocalStack;
let demo: Demo;
const demoOptions = () => ({
  directory,
  rest: stack.urls.rest,
  origin: stack.urls.rest,
  extension: stack.urls.extension,
});

beforeAll(async () => {
  stack = await startStack({ directory });
  demo = await seedDemo(demoOptions());
  serveConsole(stack, demo);
  serveExtension(stack);
}, 120_000);
afterAll(async () => {
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('every sample request is answered with the status of the contract, and its decision is recorded', async () => {
  for (const sample of samplesFor(demo, await expiredToken(stack.urls, demo.extensionToken))) {
    const answer = await sendSample(stack.urls, sample);
    const what = `${sample.api}: ${sample.title}`;
    expect([what, answer.status]).toEqual([what, sample.expected]);
    if (sample.expected === 404) continue;
    const effect = sample.expected < 300 ? 'allow' : 'deny';
    expect(await stack.decisions.of(answer.requestId, 5000)).toMatchObject({ effect, surface: sample.api });
  }
});

test('demo data is found again: the same key, the same organizations, nothing twice', async () => {
  const again = await seedDemo(demoOptions());
  expect(again).toMatchObject({
    apiKey: demo.apiKey,
    email: demo.email,
    organizations: ['acme-corp', 'globex'],
  });
  const { body } = await call(`${stack.urls.rest}/v1/records/contact`, 'GET', {
    headers: { 'x-api-key': again.apiKey },
  });
  expect(body).toMatchObject({ records: { length: 3 } });
});

test('an authorizer whose process is killed comes back: at most one 5xx, never a wrong answer', async () => {
  const name = stack.urls.functions['restAuthorizer'] ?? '';
  const [pid = 0] = stack.runtime.processes(name);
  process.kill(pid, 'SIGKILL');
  const ask = () => call(`${stack.urls.rest}/v1/whoami`, 'GET', { headers: { 'x-api-key': demo.apiKey } });
  expect([200, 503]).toContain((await ask()).status);
  expect((await ask()).status).toBe(200);
  expect(stack.runtime.processes(name)).not.toContain(pid);
});

describe('a copy of the real template', () => {
  const Method = v.object({
    Type: v.literal('AWS::ApiGateway::Method'),
    Properties: v.looseObject({ HttpMethod: v.string() }),
  });

  /** The system again, from its template with every protected GET changed. */
  async function withGets(
    change: (resources: Record<string, unknown>, logicalId: string) => void,
  ): Promise<LocalStack> {
    const assembly = loadAssembly(join(directory, 'cdk.out'));
    const document = v.parse(
      v.looseObject({ Resources: v.record(v.string(), v.unknown()) }),
      assembly.document,
    );
    const copy = structuredClone(document);
    for (const [logicalId, resource] of Object.entries(document.Resources)) {
      if (v.is(Method, resource) && resource.Properties.HttpMethod === 'GET')
        change(copy.Resources, logicalId);
    }
    return startStack({ directory: join(directory, 'copy'), assembly: { ...assembly, document: copy } });
  }
  const ask = ({ urls }: LocalStack) => call(`${urls.rest}/v1/whoami`, 'GET');

  test('without a route does not serve it', async () => {
    const changed = await withGets((resources, logicalId) => delete resources[logicalId]);
    expect((await ask(changed)).status).toBe(404);
    await changed.stop();
  });

  test('without an authorizer does not ask it: the endpoint itself refuses then', async () => {
    const changed = await withGets((resources, logicalId) => {
      const { Type, Properties } = v.parse(Method, resources[logicalId]);
      const { AuthorizerId: _, ...others } = Properties;
      resources[logicalId] = { Type, Properties: { ...others, AuthorizationType: 'NONE' } };
    });
    const { requestId, status } = await ask(changed);
    expect(status).not.toBe(200);
    expect(await changed.decisions.of(requestId, 500)).toBeUndefined();
    await changed.stop();
  });
});

describe('the console', () => {
  const get = (path: string, site?: string) =>
    fetch(`${stack.urls.console}${path}`, { headers: site === undefined ? {} : { 'sec-fetch-site': site } });

  test('is a page that may load nothing from elsewhere and be framed by nobody', async () => {
    const page = await get('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect((await get('/../package.json')).status).toBe(404);
    expect((await get('/console.js')).status).toBe(200);
  });

  test('tells its own page what the template serves, and no other page', async () => {
    const facts = await get('/facts', 'same-origin');
    expect(await facts.json()).toMatchObject({
      routes: expect.arrayContaining([
        expect.objectContaining({
          method: 'GET',
          path: '/v1/records/{entity}',
          scope: 'records:read:{entity}',
        }),
      ]),
    });
    for (const site of ['cross-site', 'same-site']) {
      for (const path of ['/facts', '/decisions', '/try', '/token']) {
        expect((await get(path, site)).status).toBe(403);
      }
    }
  });

  const trial = {
    method: 'GET',
    path: '/v1/whoami',
    credential: 'none',
    organization: '',
    origin: '',
    body: '',
  };
  const tryOut = async (more: object): Promise<unknown> => {
    const body = JSON.stringify({ ...trial, ...more });
    return (await fetch(`${stack.urls.console}/try`, { method: 'POST', body })).json();
  };

  test.each([
    [{ credential: 'none' }, 401],
    [{ credential: 'api_key' }, 200],
    [{ credential: 'session' }, 200],
    [{ credential: 'extension_token' }, 200],
    [{ credential: 'api_key', organization: 'initech' }, 403],
    [{ credential: 'session', origin: 'https://attacker.example' }, 403],
  ])('tries %j and shows the answer: %d', async (more, status) => {
    expect(await tryOut(more)).toMatchObject({ status });
  });

  test.each([
    '//attacker.example/',
    '/\\attacker.example/',
    'http://attacker.example/',
    '@attacker.example/',
  ])('sends the demo credentials nowhere else: %s', async (path) => {
    expect(await tryOut({ credential: 'api_key', path })).toEqual({
      message: 'No request that could be sent.',
    });
  });

  test('mints a token for the example extension, which the Action API takes', async () => {
    const minted = await (await fetch(`${stack.urls.console}/token`, { method: 'POST' })).json();
    const { answer } = v.parse(
      v.object({ status: v.literal(201), answer: v.object({ token: v.string() }) }),
      minted,
    );
    const found = await call(`${stack.urls.rest}/api/actions/execute`, 'POST', {
      headers: { Authorization: `Bearer ${answer.token}`, Origin: stack.urls.extension },
      json: { action: 'find_many', input: { entity: 'contact' } },
    });
    expect(found).toMatchObject({ status: 200, body: { result: { records: expect.any(Array) } } });
  });

  test('streams decisions', async () => {
    const response = await get('/decisions', 'same-origin');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toMatch(/^data: \{"event":"decision"/);
    await reader?.cancel();
  });
});

test('the example extension may be framed by the console only, and its page holds no credential', async () => {
  const page = await fetch(`http://127.0.0.1:${new URL(stack.urls.extension).port}/`);
  expect(page.headers.get('content-security-policy')).toContain(`frame-ancestors ${stack.urls.console} `);
  const facts = await (await fetch(`http://127.0.0.1:${new URL(stack.urls.extension).port}/facts`)).text();
  expect(facts).not.toContain(demo.extensionToken);
});
