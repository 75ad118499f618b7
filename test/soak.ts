import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

/**
 * `npm run test:soak`: the random, differential, fault and race tests again and again with many more runs and
 * fresh seeds, until SOAK_MINUTES (default 10) have passed. Stops at the first failure, whose output names the
 * seed that repeats it. Progress goes to standard error.
 */
const help = `Runs the randomised tests for a long time.

  npm run test:soak

Environment:
  SOAK_MINUTES   how long (default 10)
  FC_RUNS        runs of each property in one round (default 2000)`;

/** Everything that draws at random, injects faults or races; one round takes them in this order. */
const suites = [
  'test/core',
  'test/credentials',
  'test/surfaces/hostile',
  'test/crm/random-requests',
  'test/adapter',
  'test/rotation',
  'test/authorizer',
  'test/contract/faults',
] as const;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help) {
  console.log(help);
  process.exit(0);
}

const minutes = Number(process.env['SOAK_MINUTES'] ?? 10);
if (!(minutes > 0)) {
  console.error('SOAK_MINUTES must be a number of minutes above 0');
  process.exit(2);
}
const runs = process.env['FC_RUNS'] ?? '2000';
const end = Date.now() + minutes * 60_000;

let child: ReturnType<typeof spawn> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    child?.kill(signal);
    process.exit(130);
  });
}

function run(suite: string): Promise<boolean> {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  child = spawn(
    process.execPath,
    [...jest, 'node_modules/jest/bin/jest.js', suite, '--testTimeout=600000', '--silent'],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, FC_RUNS: runs } },
  );
  return new Promise((resolve) => child?.once('exit', (code) => resolve(code === 0)));
}

let passed = 0;
let failed = 0;
for (let round = 1; failed === 0 && Date.now() < end; round += 1) {
  for (const suite of suites) {
    if (failed > 0 || Date.now() >= end) break;
    const left = Math.max(0, Math.ceil((end - Date.now()) / 60_000));
    console.error(`round ${round}: ${suite} with ${runs} runs of each property; ${left} min left`);
    if (await run(suite)) passed += 1;
    else failed += 1;
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
