import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startOperations, type TestOperations } from '../support/authctl.ts';

let operations: TestOperations;
beforeAll(async () => {
  operations = await startOperations();
});
afterAll(() => operations.stop());

describe('the command line', () => {
  test.each<[string, readonly string[]]>([
    ['nothing', []],
    ['no command of keys', ['keys']],
    ['a command nobody knows', ['frobnicate']],
    ['neither a request nor an event', ['explain']],
    ['both', ['explain', 'GET', '/', '--event', '-']],
    ['no such file', ['explain', '--event', '/nowhere/at/all']],
    ['a path without a slash', ['explain', 'GET', 'v1']],
    ['a method of another form', ['explain', 'G-T', '/']],
    ['AWS without a stack', ['keys', 'list', '--region', 'us-east-1']],
  ])('of wrong usage exits with 2, one JSON document and nothing else: %s', async (_, args) => {
    const ran = await operations.authctl(...args);
    expect([ran.exit, ran.json, ran.err]).toEqual([2, { error: 'usage', message: expect.any(String) }, '']);
    const plain = await operations.plain('', ...args);
    expect([plain.exit, plain.out]).toEqual([2, '']);
    expect(plain.err).toMatch(/^authctl: .+\n$/);
  });

  test.each<[string, readonly string[], string]>([
    ['of the program', ['--help'], 'explain'],
    ['of keys', ['keys', '--help'], 'rotate'],
    ['of a command', ['keys', 'create', '--help'], '--allow-ip'],
  ])('explains itself: %s', async (_, args, word) => {
    const plain = await operations.plain('', ...args);
    expect([plain.exit, plain.err]).toEqual([0, '']);
    expect(plain.out).toContain(word);
    expect((await operations.authctl(...args)).json).toEqual({ help: plain.out });
  });

  test('says where no stack is running, and what to do', async () => {
    await rm(join(operations.directory, 'stack.json'));
    const ran = await operations.authctl('keys', 'list');
    expect([ran.exit, ran.json]).toEqual([
      1,
      { error: 'no_stack', message: expect.stringContaining('npm start') },
    ]);
  });
});
