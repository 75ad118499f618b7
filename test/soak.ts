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
  SOAK_MINUTES   how long (default 10); a suite that has begun is finished
  FC_RUNS        runs of each property in one round (default 2000)
  ORACLE_CASES   cases put to Better Auth and the authorizer in one round (default 100000)`;

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
const runs = count('FC_RUNS', 2000);
/** Keys and sessions, each in a file that fails unless it compared as many as it was told to. */
const oracleRuns = Math.ceil(count('ORACLE_CASES', 100_000) / 2);

interface Suite {
  readonly path: string;
  /** Runs of each property, if not as many as of all others. */
  readonly runs?: number;
  /** Files with another ending than `.test.ts`: no part of `npm test`. */
  readonly ending?: string;
}

/** Everything that draws at random, injects faults, races or is timed; one round takes them in this order. */
const suites: readonly Suite[] = [
  { path: 'test/oracle', runs: oracleRuns },
  { path: 'test/core' },
  { path: 'test/credentials' },
  { path: 'test/surfaces/hostile' },
  { path: 'test/crm/random-requests' },
  { path: 'test/adapter' },
  { path: 'test/rotation' },
  { path: 'test/authorizer' },
  { path: 'test/contract/faults' },
  { path: 'test/timing', ending: '.soak.ts' },
];
const end = Date.now() + minutes * 60_000;

let child: ReturnType<typeof spawn> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    child?.kill(signal);
    process.exit(130);
  });
}

/** A whole number above 0 from the environment. */
function count(name: string, usual: number): number {
  const given = Number(process.env[name] ?? usual);
  if (Number.isSafeInteger(given) && given > 0) return given;
  console.error(`${name} must be a whole number above 0`);
  process.exit(2);
}

function run({ path, ending }: Suite, runsOfEach: number): Promise<boolean> {
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = ['node_modules/jest/bin/jest.js', path, '--testTimeout=600000', '--silent'];
  const match = ending === undefined ? [] : [`--testMatch=**/*${ending}`];
  child = spawn(process.execPath, [...node, ...jest, ...match], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, FC_RUNS: String(runsOfEach) },
  });
  return new Promise((resolve) => child?.once('exit', (code) => resolve(code === 0)));
}

let passed = 0;
let failed = 0;
for (let round = 1; failed === 0 && Date.now() < end; round += 1) {
  for (const suite of suites) {
    if (failed > 0 || Date.now() >= end) break;
    const left = Math.max(0, Math.ceil((end - Date.now()) / 60_000));
    const of = suite.runs ?? runs;
    console.error(`round ${round}: ${suite.path} with ${of} runs of each property; ${left} min left`);
    if (await run(suite, of)) passed += 1;
    else failed += 1;
  }
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
