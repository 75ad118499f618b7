import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { withBundle } from '../../lib/bundles.ts';
import * as late from '../../lib/lazy-fs-promises.ts';
import { crc32 as crc32Late } from '../../lib/lazy-zlib.ts';

/** Says which of Node's modules a process has loaded, before and after a bundle. */
const probe = `
  const before = new Set(process.moduleLoadList);
  const handlers = require(process.argv[1]);
  const loaded = process.moduleLoadList.filter((name) => !before.has(name));
  process.stdout.write(JSON.stringify({ handlers: Object.keys(handlers), loaded }));
  process.exit();
`;

const env = {
  STAGE: 'dev',
  AUTH_TABLE_NAME: 'identity',
  BETTER_AUTH_URL: 'http://localhost:3000',
  EXTENSION_TOKEN_SECRET: 'an-example-secret-of-thirty-two-characters',
  BETTER_AUTH_SECRET: 'another-example-secret-of-thirty-two-characters',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

test('the authorizer loads nothing of Node’s that a decision may not need', () => {
  const { stdout, stderr } = withBundle('lambda/authorizer/handler.ts', (directory) =>
    spawnSync(process.execPath, ['--eval', probe, directory], { env, encoding: 'utf8' }),
  );
  expect(stderr).toBe('');
  const { handlers, loaded } = JSON.parse(stdout);
  expect(handlers).toContain('rest');
  expect(loaded).toContain('NativeModule https');
  for (const name of ['zlib', 'fs/promises', 'http2', 'child_process', 'worker_threads'])
    expect(loaded).not.toContain(`NativeModule ${name}`);
});

describe('what is loaded when it is first used is what it stands for', () => {
  test('file promises, by name and as a whole', async () => {
    const own = await readFile(import.meta.filename, 'utf8');
    expect(await late.readFile(import.meta.filename, 'utf8')).toBe(own);
    expect(await late.default.readFile(import.meta.filename, 'utf8')).toBe(own);
    expect((await late.default.stat(import.meta.filename)).isFile()).toBe(true);
  });

  test('checksums, at once and in pieces', () => {
    expect(crc32Late('crm_live_')).toBe(crc32('crm_live_'));
    expect(crc32Late('live_', crc32Late('crm_'))).toBe(crc32('crm_live_'));
  });
});
