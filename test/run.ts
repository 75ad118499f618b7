import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `npm test`: our own tests (jest), then Better Auth's own adapter suites (vitest), and one line that counts
 * both. `npm test -- <pattern>` runs only our test files whose path matches.
 */
interface Counts {
  readonly passed: number;
  readonly failed: number;
}

const run = (command: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

/** Both runners write jest's result format. A runner that fails without failed tests counts as one failure. */
async function counted(command: readonly string[], resultFile: string): Promise<Counts> {
  const code = await run(command);
  const result = await readFile(resultFile, 'utf8').then(parse, () => undefined);
  if (!result) return { passed: 0, failed: 1 };
  return { passed: result.passed, failed: Math.max(result.failed, code === 0 ? 0 : 1) };
}

function parse(text: string): Counts {
  const result: unknown = JSON.parse(text);
  const count = (name: string): number => {
    const value: unknown =
      typeof result === 'object' && result !== null ? Reflect.get(result, name) : undefined;
    if (typeof value !== 'number') throw new Error(`The test runner reported no ${name}`);
    return value;
  };
  return { passed: count('numPassedTests'), failed: count('numFailedTests') };
}

const { positionals } = parseArgs({ allowPositionals: true });
const folder = await mkdtemp(join(tmpdir(), 'crm-authorizer-test-'));
try {
  const jest = join(folder, 'jest.json');
  const vitest = join(folder, 'vitest.json');
  const own = await counted(
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--json',
      `--outputFile=${jest}`,
      ...positionals,
    ],
    jest,
  );
  const official =
    positionals.length > 0
      ? { passed: 0, failed: 0 }
      : await counted(
          [
            'node_modules/vitest/vitest.mjs',
            'run',
            '--reporter=dot',
            '--reporter=json',
            `--outputFile.json=${vitest}`,
          ],
          vitest,
        );
  const failed = own.failed + official.failed;
  console.log(`\n${own.passed + official.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
