import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { join } from 'node:path';

/**
 * What the authorizer's bundle is made of. (What the deployed text holds, and how large it is, is held in
 * test/infrastructure/functions.test.ts.)
 */
const root = join(import.meta.dirname, '../..');

/** Every file in the bundle of an entry, with the files it imports. */
function inputsOf(entry: string): readonly (readonly [path: string, imports: readonly string[]])[] {
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    write: false,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    outdir: root,
    logLevel: 'silent',
  });
  return Object.entries(metafile.inputs).map(([path, { imports }]) => [
    path,
    imports.map((each) => each.path),
  ]);
}

const isOurs = (path: string): boolean => !path.startsWith('node_modules/');
const packageOf = (path: string): readonly string[] =>
  /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.slice(1) ?? [];
const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

const authorizer = inputsOf('lambda/authorizer/handler.ts');
const identity = inputsOf('lambda/identity/handler.ts');

test('the authorizer is made of the decision and its parts: nothing of identity, tests or this machine', () => {
  const folders = authorizer.flatMap(([path]) =>
    isOurs(path) ? [path.split('/').slice(0, 2).join('/')] : [],
  );
  expect(sorted(folders)).toEqual([
    'lambda/authorizer',
    'lambda/core',
    'lambda/credentials',
    'lambda/runtime',
    'lambda/secrets',
    'lambda/store',
    'lambda/surfaces',
  ]);
});

test('the authorizer asks for the AWS SDK and one library, and for no other package', () => {
  const asked = authorizer.flatMap(([path, imports]) => (isOurs(path) ? imports.flatMap(packageOf) : []));
  expect(sorted(asked)).toEqual([
    '@aws-sdk/client-dynamodb',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/util-dynamodb',
    '@smithy/node-http-handler',
    '@smithy/util-retry',
    'valibot',
  ]);
});

test('Better Auth is in the bundle of identity, and no part of it in that of the authorizer', () => {
  const betterAuth = (inputs: typeof identity) =>
    inputs.flatMap(([path]) => packageOf(path)).filter((name) => name.includes('better-'));
  expect(betterAuth(identity)).toContain('better-auth');
  expect(betterAuth(authorizer)).toEqual([]);
});
