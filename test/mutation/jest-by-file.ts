import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { CoveragePerTestId, MutantCoverage, StrykerOptions } from '@stryker-mutator/api/core';
import {
  commonTokens,
  declareFactoryPlugin,
  PluginKind,
  tokens,
  type Injector,
  type PluginContext,
} from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  type CompleteDryRunResult,
  type DryRunOptions,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { strykerPlugins as jestPlugins } from '@stryker-mutator/jest-runner';
import * as v from 'valibot';

/** What runs in one process against the decision and the credentials, real engines included. */
const testFiles = globSync('test/{core,credentials,authorizer}/**/*.test.ts', {
  // They wait for deadlines, or ask thousands of times: every survivor would have to wait for all of them.
  exclude: [
    'test/authorizer/faults.test.ts',
    'test/authorizer/many-organizations.test.ts',
    'test/authorizer/surfaces.test.ts',
  ],
});

/** The pure decision has to be held by its own tests, which are quick; the credentials by all. */
const answersFor = (mutated: string, path: string): boolean =>
  path.startsWith('test/core/') || !mutated.includes('lambda/core/');

/** How long each file took, milliseconds. In the sandbox: a worker that replaces another must know it too. */
const durationsFile = 'mutation-durations.json';

/**
 * What a test says when the product gave up waiting for an engine. A busy machine looks the same as a mutant, so
 * such a file is run once more, as `npm test` does.
 */
const gaveUp = /fault|did not answer|No answer within/i;

/**
 * Stryker's jest runner, one test file at a time. By itself that runner loads for each mutant every test file that
 * imports the mutated one, and cannot stop at the first that fails; here a mutant meets only files with a test that
 * reaches it, the quick ones and its namesake first, and no more after one of them has killed it.
 *
 * A test file loads its modules anew, so what runs while modules load counts as reached by every test of that file:
 * a table or a pattern is measured like everything else, and not by all tests there are.
 */
function jestByFile(injector: Injector<PluginContext>, options: StrykerOptions): TestRunner {
  const [jest] = jestPlugins;
  if (!jest) throw new Error('@stryker-mutator/jest-runner has no test runner');
  const runners = new Map<string, TestRunner>();
  for (const path of testFiles) {
    const config = {
      testMatch: [resolve(path)],
      setupFiles: ['<rootDir>/test/mutation/one-counterexample.ts'],
      watchman: false,
    };
    const only: StrykerOptions = { ...options, jest: Object.assign({}, options['jest'], { config }) };
    runners.set(path, injector.provideValue(commonTokens.options, only).injectFunction(jest.factory));
  }
  const durations = new Map<string, number>();

  async function dryRun(given: DryRunOptions): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    const perTest: CoveragePerTestId = {};
    for (const [path, runner] of runners) {
      const before = performance.now();
      let result = await runner.dryRun(given);
      if (
        result.status === DryRunStatus.Complete &&
        result.tests.some(({ status }) => status === TestStatus.Failed)
      )
        result = await runner.dryRun(given);
      if (result.status !== DryRunStatus.Complete) return result;
      durations.set(path, performance.now() - before);
      tests.push(...result.tests.map((test) => ({ ...test, id: idOf(path, test.id) })));
      Object.assign(perTest, coverageOf(path, result));
    }
    writeFileSync(durationsFile, JSON.stringify(Object.fromEntries(durations)));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } };
  }

  async function mutantRun(given: MutantRunOptions): Promise<MutantRunResult> {
    const namesake = `${basename(given.sandboxFileName, '.ts')}.test.ts`;
    const rank = (path: string): number =>
      (durations.get(path) ?? 0) * (basename(path) === namesake ? 0.1 : 1);
    const filter = given.testFilter && Map.groupBy(given.testFilter, pathOf);
    let nrOfTests = 0;
    let failure: MutantRunResult | undefined;
    const paths = [...(filter ?? runners).keys()]
      .filter((path) => answersFor(given.sandboxFileName, path))
      .sort((a, b) => rank(a) - rank(b));
    for (const path of paths) {
      const runner = runners.get(path);
      if (!runner) throw new Error(`${path} is no test file`);
      const names = filter?.get(path)?.map(nameOf);
      const only = { ...given, ...(names && { testFilter: names }) };
      let result = await runner.mutantRun(only);
      if (result.status === MutantRunStatus.Killed && gaveUp.test(result.failureMessage))
        result = await runner.mutantRun(only);
      if (result.status === MutantRunStatus.Killed) {
        nrOfTests += result.nrOfTests;
        return { ...result, killedBy: result.killedBy.map((name) => idOf(path, name)), nrOfTests };
      }
      if (result.status === MutantRunStatus.Timeout) return result;
      // A file that cannot even be loaded is for Stryker no test that failed: another file may have one.
      if (result.status === MutantRunStatus.Error) failure = result;
      else nrOfTests += result.nrOfTests;
    }
    return failure ?? { status: MutantRunStatus.Survived, nrOfTests };
  }

  return {
    capabilities: () => ({ reloadEnvironment: true }),
    init: async () => {
      if (existsSync(durationsFile)) {
        const known = v.parse(numbers, JSON.parse(readFileSync(durationsFile, 'utf8')));
        for (const [path, duration] of Object.entries(known)) durations.set(path, duration);
      }
      for (const runner of runners.values()) await runner.init?.();
    },
    dryRun,
    mutantRun,
  };
}

const numbers = v.record(v.string(), v.number());

/** Two files may have tests of one name. */
const separator = '\n';
const idOf = (path: string, name: string): string => `${path}${separator}${name}`;
const pathOf = (id: string): string => id.slice(0, id.indexOf(separator));
const nameOf = (id: string): string => id.slice(id.indexOf(separator) + 1);

/** Coverage of one file's tests; takes it out of the object that the runners of all files share. */
function coverageOf(path: string, { tests, mutantCoverage }: CompleteDryRunResult): CoveragePerTestId {
  const found: CoveragePerTestId = {};
  // In parts, so that their sum is how often it was reached: a loop that runs a hundred times as long has no end.
  const once = Object.entries(mutantCoverage?.static ?? {}).map(
    ([id, count]) => [id, count / tests.length] as const,
  );
  for (const { id } of tests) {
    found[idOf(path, id)] = { ...Object.fromEntries(once), ...mutantCoverage?.perTest[id] };
  }
  if (mutantCoverage) empty(mutantCoverage);
  return found;
}

function empty({ static: once, perTest }: MutantCoverage): void {
  for (const key of Object.keys(once)) delete once[key];
  for (const key of Object.keys(perTest)) delete perTest[key];
}

jestByFile.inject = tokens(commonTokens.injector, commonTokens.options);

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'jest-by-file', jestByFile)];
