import { createServer } from 'node:net';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appeared, checkOut, freePorts } from './harness/checkout.ts';
import type { Checkout, Started } from './harness/checkout.ts';
import { open } from './harness/connection.ts';
import { member, send } from './harness/http.ts';
import type { Fields } from './harness/http.ts';

let checkout: Checkout;
let first: number;
let started: Started;
let stack: unknown;
const local = (name: string): string => join(checkout.directory, '.local', name);
const text = (...path: readonly string[]): string => String(path.reduce(member, stack));
const demo = (name: string): string => text('demo', name);

beforeAll(async () => {
  checkout = checkOut();
  first = await freePorts();
  started = checkout.start({ LOCAL_PORT: String(first) });
  stack = await appeared(local('stack.json'), started);
}, 120_000);
afterAll(async () => {
  started?.kill('SIGKILL');
  await started?.exited;
  checkout?.remove();
});

describe('stack.json', () => {
  test('is for its owner’s eyes only, like the secrets and the decisions beside it', () => {
    for (const name of ['stack.json', 'secrets.json', 'decisions.jsonl']) {
      expect([name, statSync(local(name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  test('says where everything is, from LOCAL_PORT on, under the names of the contract', () => {
    expect(stack).toMatchObject({
      ready: true,
      rest: `http://127.0.0.1:${first}`,
      http: `http://127.0.0.1:${first + 1}`,
      websocket: `ws://127.0.0.1:${first + 2}`,
      lambda: `http://127.0.0.1:${first + 3}`,
      console: `http://127.0.0.1:${first + 4}`,
      extension: `http://localhost:${first + 5}`,
      dynamodb: expect.stringMatching(/^http:/),
      secretsManager: expect.stringMatching(/^http:/),
      region: 'us-east-1',
      table: expect.any(String),
      secrets: { extensionToken: expect.stringMatching(/^arn:/), betterAuth: expect.stringMatching(/^arn:/) },
      functions: Object.fromEntries(
        [
          'restAuthorizer',
          'restTokenAuthorizer',
          'httpAuthorizer',
          'httpIamAuthorizer',
          'websocketAuthorizer',
          'identity',
          'tokenIssuer',
          'rotation',
        ].map((name) => [name, expect.stringMatching(/^[A-Za-z0-9-_]{1,64}$/)]),
      ),
      demo: {
        email: expect.stringContaining('@'),
        password: expect.any(String),
        organizations: ['acme-corp', 'globex'],
        apiKey: expect.stringMatching(/^crm_test_/),
        cookie: expect.stringMatching(/^[^=]+=[^;]+; [^=]+=[^;]+$/),
        extensionId: expect.any(String),
        extensionToken: expect.stringMatching(/^[^.]+\.[^.]+\.[^.]+$/),
      },
    });
  });
});

describe('the demo credentials', () => {
  test('each are let in where their kind is welcome', async () => {
    const cases: readonly (readonly [string, Fields])[] = [
      ['api_key', [['x-api-key', demo('apiKey')]]],
      ['session', [['Cookie', demo('cookie')]]],
      ['extension_token', [['Authorization', `Bearer ${demo('extensionToken')}`]]],
    ];
    for (const [credentialKind, headers] of cases) {
      const reply = await send(text('rest'), '/v1/whoami', { headers });
      expect(reply).toMatchObject({ status: 200, body: { credentialKind, organizationSlug: 'acme-corp' } });
    }
    for (const [credentialKind, headers] of cases) {
      const reply = await send(text('http'), '/v1/whoami', { headers });
      expect(reply).toMatchObject({ status: 200, body: { credentialKind } });
      const connection = await open(text('websocket'), { headers: [...headers, ['Origin', text('rest')]] });
      expect(await connection.ask()).toMatchObject({ message: { credentialKind } });
      connection.end();
    }
    const { status } = await send(text('rest'), '/api/auth/sign-in/email', {
      method: 'POST',
      headers: [['Origin', text('console').replace('127.0.0.1', 'localhost')]],
      json: { email: demo('email'), password: demo('password') },
    });
    expect(status).toBe(200);
  });

  test('were shown in a table with what the running stack answered: allowed, 401 and 403', () => {
    const table = started.stdout();
    for (const row of [
      /GET \/v1\/records\/contact.*API key.*200.*allow/,
      /session cookie.*200.*allow/,
      /POST \/api\/actions\/execute.*extension token.*200.*allow/,
      /no credential.*401.*deny.*credential_missing/,
      /tampered session cookie.*401.*deny.*signature_invalid/,
      /expired extension token.*401.*deny.*credential_expired/,
      /initech.*403.*deny.*organization_forbidden/,
      /extension token on a.*403.*deny.*credential_kind_not/,
    ]) {
      expect(table).toMatch(row);
    }
    expect(table).not.toMatch(/\d{3}, not \d{3}/);
  });

  test('are in no decision and no log line', () => {
    const logs = ['decisions.jsonl', 'functions.log']
      .map((name) => readFileSync(local(name), 'utf8'))
      .join('');
    expect(logs).toContain('"event":"decision"');
    const cookies = demo('cookie')
      .split('; ')
      .map((pair) => pair.slice(pair.indexOf('=') + 1));
    for (const secret of [demo('apiKey'), demo('password'), demo('extensionToken'), ...cookies]) {
      expect(logs).not.toContain(secret);
      expect(logs).not.toContain(decodeURIComponent(secret).split('.')[0]);
    }
  });
});

test('every server answers this machine only: a foreign Host is refused', async () => {
  for (const name of ['rest', 'http', 'lambda', 'console', 'extension', 'secretsManager']) {
    const base = text(name).replace('localhost', '127.0.0.1');
    for (const host of [
      'attacker.test',
      `attacker.test:${new URL(base).port}`,
      'localhost.attacker.test',
      '127.0.0.1.nip.io',
    ]) {
      const reply = await send(base, '/', {
        headers: [
          ['Host', host],
          ['x-api-key', demo('apiKey')],
        ],
      });
      expect([name, host, reply.status]).toEqual([name, host, 421]);
    }
  }
});

describe('a start that cannot be', () => {
  const refused = async (environment: Readonly<Record<string, string>>): Promise<string> => {
    const other = checkout.start(environment);
    expect(await other.exited).toBe(1);
    const said = other.stderr().trim();
    expect(said.split('\n')).toHaveLength(1);
    return said;
  };

  test('because one is running says so in one line, and the one that is running goes on', async () => {
    expect(await refused({ LOCAL_PORT: String(first) })).toMatch(/already running/);
    expect((await send(text('rest'), '/v1/whoami')).status).toBe(401);
    expect(existsSync(local('stack.json'))).toBe(true);
  });

  test.each([{ LOCAL_PORT: '65535' }, { LOCAL_RESET: 'yes' }, { AWS_ENDPOINT_URL_DYNAMODB: 'dynamodb' }])(
    'because of %j names the variable and what it must be, in one line',
    async (environment) => {
      const [name = ''] = Object.keys(environment);
      expect(await refused(environment)).toMatch(new RegExp(`${name} must be`));
    },
  );

  test('because a port is taken names the port and what to do, in one line, and leaves nothing behind', async () => {
    const other = checkOut();
    const port = await freePorts();
    const holder = createServer().listen(port + 2, '127.0.0.1');
    try {
      const attempt = other.start({ LOCAL_PORT: String(port) });
      expect(await attempt.exited).toBe(1);
      expect(attempt.stderr().trim().split('\n')).toHaveLength(1);
      expect(attempt.stderr()).toContain(`port ${port + 2}`);
      expect(attempt.stderr()).toMatch(/LOCAL_PORT/);
      expect(existsSync(join(other.directory, '.local', 'stack.json'))).toBe(false);
    } finally {
      holder.close();
      other.remove();
    }
  });
});

// Last: it ends what the others ask.
test('SIGTERM stops everything it started, and takes stack.json away', async () => {
  const engine = text('dynamodb');
  started.kill('SIGTERM');
  expect(await started.exited).toBe(0);
  expect(existsSync(local('stack.json'))).toBe(false);
  expect(existsSync(local('secrets.json'))).toBe(true);
  for (const base of [
    text('rest'),
    text('http'),
    text('lambda'),
    text('console'),
    text('secretsManager'),
    engine,
  ]) {
    await expect(send(base, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});
