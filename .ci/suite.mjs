// @ts-check
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs a part of the tests (`suite.mjs <what> jest|vitest <arguments>`), says how many passed and failed, and
 * appends both numbers to the file CI_COUNTS, whose sum is the last line of the whole run.
 */
const [what = '', runner, ...args] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'suite-'));
const report = join(directory, 'report.json');
const command =
  runner === 'vitest'
    ? [
        'node_modules/vitest/vitest.mjs',
        'run',
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${report}`,
      ]
    : [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
        '--json',
        '--verbose=false',
        `--outputFile=${report}`,
      ];
const { status } = spawnSync(process.execPath, [...command, ...args], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const { passed, failed } = counts();
rmSync(directory, { recursive: true });
console.log(`${what}: ${passed} passed, ${failed} failed`);
if (process.env['CI_COUNTS']) appendFileSync(process.env['CI_COUNTS'], `${passed} ${failed}\n`);
process.exitCode = failed === 0 ? 0 : 1;

/** A runner that fails without a failed test, or runs no test at all, counts as one failure. */
function counts() {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
    const none = status !== 0 || numPassedTests + numFailedTests === 0 ? 1 : 0;
    return { passed: Number(numPassedTests), failed: Math.max(Number(numFailedTests), none) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
