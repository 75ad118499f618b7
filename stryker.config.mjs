// @ts-check
/**
 * `npm run test:mutation`: changes the decision and the credentials in every small way there is, one at a time, and
 * asks whether a test notices. docs/mutation.md has the figures and what survived.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['lambda/core/*.ts', 'lambda/credentials/*.ts'],
  plugins: ['@stryker-mutator/jest-runner', './test/mutation/jest-by-file.ts'],
  testRunner: 'jest-by-file',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { projectType: 'custom', configFile: 'jest.config.json', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  // Each run of jest leaves modules of its own behind: a worker that has run many is as slow as it is large.
  maxTestRunnerReuse: 25,
  concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 1),
  incremental: process.env['MUTATION_INCREMENTAL'] === '1',
  incrementalFile: 'reports/mutation/incremental.json',
  timeoutFactor: 1,
  timeoutMS: 10_000,
  // tsconfig: Stryker would rewrite it with TypeScript's JavaScript API, which TypeScript 7 does not have.
  ignorePatterns: ['dist', 'cdk.out', '.local', 'reports', 'bench/results', 'tsconfig*.json'],
  tempDirName: '.stryker-tmp',
  reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
  clearTextReporter: { reportTests: false, reportScoreTable: true },
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  htmlReporter: { fileName: 'reports/mutation/mutation.html' },
  thresholds: { high: 95, low: 90, break: 90 },
};
