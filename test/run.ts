import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';

/**
 * `npm test`: our own tests (jest), then Better Auth's own adapter suites (vitest), and one line that counts
 * both. `npm test -- <pattern>` runs only our test files whose path matches.
 *
 * The product waits for a dependency a quarter of a second and for a whole decision one and a half. On a machine
 * that is busy with other test files these pass by themselves, so a file that failed is run once more, alone:
 * what fails then, fails.
 */
const result = v.object({
  numPassedTests: v.number(),
  numFailedTests: v.number(),
  testResults: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      assertionResults: v.array(v.object({ status: v.string() })),
    }),
  ),
});

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface Run extends Counts {
  readonly failedFiles: readonly string[];
  /** Of the tests in files that failed. */
  readonly passedInFailedFiles: number;
}

const start = (command: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });

/** Both runners write jest's result format. A runner that fails without failed tests counts as one failure. */
async function run(command: readonly string[], resultFile: string): Promise<Run> {
  const code = await start(command);
  const parsed = await readFile(resultFile, 'utf8').then(
    (text) => v.parse(result, JSON.parse(text)),
    () => undefined,
  );
  if (!parsed) return { passed: 0, failed: 1, failedFiles: [], passedInFailedFiles: 0 };
  const failed = parsed.testResults.filter(({ status }) => status === 'failed');
  return {
    passed: parsed.numPassedTests,
    failed: Math.max(parsed.numFailedTests, failed.length, code === 0 ? 0 : 1),
    failedFiles: failed.map(({ name }) => name),
    passedInFailedFiles: failed
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'passed').length,
  };
}

const { positionals } = parseArgs({ allowPositionals: true });
const folder = await mkdtemp(join(tmpdir(), 'crm-authorizer-test-'));

const jest = (name: string, ...more: readonly string[]): Promise<Run> => {
  const output = join(folder, name);
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return run([...node, 'node_modules/jest/bin/jest.js', '--json', `--outputFile=${output}`, ...more], output);
};

async function ours(): Promise<Counts> {
  const first = await jest('jest.json', ...positionals);
  if (first.failedFiles.length === 0) return first;
  console.log(`\n${first.failedFiles.length} files failed and are run once more, alone:`);
  for (const file of first.failedFiles) console.log(`  ${file}`);
  const second = await jest('again.json', '--runInBand', '--runTestsByPath', ...first.failedFiles);
  return { passed: first.passed - first.passedInFailedFiles + second.passed, failed: second.failed };
}

function official(): Promise<Counts> {
  const output = join(folder, 'vitest.json');
  return run(
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${output}`,
    ],
    output,
  );
}

try {
  const own = await ours();
  const suites = positionals.length > 0 ? { passed: 0, failed: 0 } : await official();
  const failed = own.failed + suites.failed;
  console.log(`\n${own.passed + suites.passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
