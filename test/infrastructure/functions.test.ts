import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Resource } from './synthesized.ts';
import { only, synthesize } from './synthesized.ts';

const stack = synthesize({ trustedOrigins: ['http://localhost:3000', 'https://*.example.com'] });
afterAll(stack.remove);

const functions = stack.ofType('AWS::Lambda::Function');
const surfaces = {
  RestAuthorizer: 'rest',
  RestTokenAuthorizer: 'restToken',
  HttpAuthorizer: 'http',
  HttpIamAuthorizer: 'httpIam',
  HttpV1Authorizer: 'httpV1',
  WebSocketAuthorizer: 'websocket',
};
const authorizers = Object.keys(surfaces);
const names = [
  ...authorizers,
  'Identity',
  'TokenIssuer',
  'Installations',
  'Whoami',
  'Records',
  'Actions',
  'Preflight',
  'Realtime',
  'Rotation',
  'SessionRotation',
];
const get = (name: string): Resource => only(functions, ({ id }) => id === name);
const bundle = (name: string): string =>
  readFileSync(join(stack.outdir, String(get(name).Metadata?.['aws:asset:path']), 'index.js'), 'utf8');

test('these functions exist, under names that stay', () => {
  expect(functions.map(({ id }) => id).toSorted()).toEqual(names.toSorted());
});

test('outputs name what the tools need, and nothing else', () => {
  expect(Object.keys(stack.outputs).toSorted()).toEqual(
    [
      'RestUrl',
      'HttpUrl',
      'WebSocketUrl',
      'TableName',
      'RecordsTableName',
      'ExtensionTokenSecretArn',
      'BetterAuthSecretArn',
      ...names.map((name) => `${name}Function`),
    ].toSorted(),
  );
  for (const name of names) expect(stack.outputs[`${name}Function`]?.Value).toEqual({ Ref: name });
});

describe.each(names)('%s', (name) => {
  const { Properties: properties, Metadata: metadata } = get(name);

  test('runs on Node 24', () => {
    expect(properties.Runtime).toBe('nodejs24.x');
  });

  test('ends before API Gateway gives up on it', () => {
    expect(properties.Timeout).toBeLessThan(29);
  });

  test('can be found by SAM: its code lies where the metadata says', () => {
    expect(metadata?.['aws:asset:property']).toBe('Code');
    expect(bundle(name).length).toBeGreaterThan(0);
  });

  test('is bundled with all it needs: it loads nothing but modules of Node itself', () => {
    const loaded = [...bundle(name).matchAll(/\brequire\("([^"]+)"\)/g)].map(([, module]) => String(module));
    // Better Auth tries to load it, and does without (@better-auth/core 1.7.5, instrumentation).
    const optional = name.startsWith('Identity') ? ['@opentelemetry/api'] : [];
    expect(loaded.filter((module) => !isBuiltin(module))).toEqual(optional);
  });

  test('logs as JSON to a group of its own, for a limited time', () => {
    expect(properties.LoggingConfig.LogFormat).toBe('JSON');
    const group = stack.resources[properties.LoggingConfig.LogGroup.Ref];
    expect(group?.Properties.RetentionInDays).toBe(7);
    expect(
      functions.filter(
        ({ Properties }) => Properties.LoggingConfig.LogGroup.Ref === properties.LoggingConfig.LogGroup.Ref,
      ),
    ).toHaveLength(1);
  });

  test('knows stage, URL and trusted origins', () => {
    expect(properties.Environment.Variables).toMatchObject({
      STAGE: 'dev',
      BETTER_AUTH_URL: 'http://127.0.0.1:3000',
      TRUSTED_ORIGINS: 'http://localhost:3000,https://*.example.com',
    });
  });
});

test('each function is told only of the tables and secrets it works with', () => {
  const shared = new Set(['STAGE', 'BETTER_AUTH_URL', 'TRUSTED_ORIGINS']);
  const development = new Set(['EXTENSION_TOKEN_SECRET', 'BETTER_AUTH_SECRET', 'AWS_ENDPOINT_URL_DYNAMODB']);
  const rotation = [
    'ROTATION_SECRET_KIND',
    'KEY_RING_TTL_SECONDS',
    'KEY_RING_STALE_SECONDS',
    'KEY_RING_PUBLISH_SECONDS',
  ];
  const own = (name: string) =>
    Object.keys(get(name).Properties.Environment.Variables).filter(
      (key) => !shared.has(key) && !development.has(key),
    );
  expect(Object.fromEntries(names.map((name) => [name, own(name)]))).toEqual({
    ...Object.fromEntries(
      authorizers.map((name) => [
        name,
        ['AUTH_TABLE_NAME', 'EXTENSION_TOKEN_SECRET_ARN', 'BETTER_AUTH_SECRET_ARN'],
      ]),
    ),
    Identity: ['AUTH_TABLE_NAME', 'BETTER_AUTH_SECRET_ARN'],
    TokenIssuer: ['AUTH_TABLE_NAME', 'EXTENSION_TOKEN_SECRET_ARN'],
    Installations: ['AUTH_TABLE_NAME'],
    Whoami: [],
    Records: ['RECORDS_TABLE_NAME'],
    Actions: ['RECORDS_TABLE_NAME'],
    Preflight: [],
    Realtime: ['AUTH_TABLE_NAME', 'WEBSOCKET_MANAGEMENT_URL'],
    Rotation: ['AUTH_TABLE_NAME', 'EXTENSION_TOKEN_SECRET_ARN', ...rotation],
    SessionRotation: ['AUTH_TABLE_NAME', 'BETTER_AUTH_SECRET_ARN', ...rotation],
  });
});

test('for SAM, the dev stage declares what a machine of one may set, and sets none of it', () => {
  const declared = (name: string) =>
    Object.entries(get(name).Properties.Environment.Variables).filter(([, value]) => value === '');
  expect(declared('RestAuthorizer')).toEqual([
    ['EXTENSION_TOKEN_SECRET', ''],
    ['BETTER_AUTH_SECRET', ''],
    ['AWS_ENDPOINT_URL_DYNAMODB', ''],
  ]);
  expect(declared('Records')).toEqual([['AWS_ENDPOINT_URL_DYNAMODB', '']]);
  expect(declared('Whoami')).toEqual([]);
});

test('time limits are those of the contract', () => {
  for (const name of authorizers) expect(get(name).Properties.Timeout).toBe(5);
  expect(get('Identity').Properties.Timeout).toBe(15);
});

test('every way to ask the authorizer is another export of one bundle, and of one size', () => {
  const { Code: code, MemorySize: memory } = get('RestAuthorizer').Properties;
  for (const [name, surface] of Object.entries(surfaces)) {
    expect(get(name).Properties).toMatchObject({
      Handler: `index.${surface}`,
      Code: code,
      MemorySize: memory,
    });
  }
});

test('the bundle of the WebSocket endpoint is no larger than that of an authorizer may be', () => {
  expect(Buffer.byteLength(bundle('Realtime'))).toBeLessThanOrEqual(400_000);
});

describe('the bundle of the authorizer', () => {
  // Texts of Better Auth's own code that minifying keeps: the last test shows that they find it.
  const betterAuthText = /BetterAuthError|BETTER_AUTH_TELEMETRY|better-auth\.com/;
  const code = bundle('RestAuthorizer');

  test('is at most 400 KB, and 120 KB compressed', () => {
    expect(Buffer.byteLength(code)).toBeLessThanOrEqual(400_000);
    expect(gzipSync(code).byteLength).toBeLessThanOrEqual(120_000);
  });

  // The matches, not the code, which would fill the screen when this fails.
  test('holds nothing of Better Auth', () => {
    expect(code.match(betterAuthText)).toBeNull();
  });

  test('would be found out: the same texts are in the bundle of identity', () => {
    expect(bundle('Identity').match(betterAuthText)).not.toBeNull();
  });

  test('takes credentials from the environment alone: no profile, command or container endpoint', () => {
    expect(code.match(/credential_process|sso_start_url|AWS_CONTAINER_CREDENTIALS/)).toBeNull();
  });
});
