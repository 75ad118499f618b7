import { globSync } from 'node:fs';
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
  type CompleteDryRunResult,
  type DryRunOptions,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { strykerPlugins as jestPlugins } from '@stryker-mutator/jest-runner';

/** What runs in one process against the decision and the credentials, real engines included. */
const folders = ['core', 'credentials', 'surfaces', 'authorizer'];

/**
 * Stryker's jest runner, one test file at a time. By itself that runner loads for each mutant every test file that
 * imports the mutated one, and cannot stop at the first that fails; here a mutant meets only files with a test that
 * reaches it, its namesake first, then the quicker ones, and no more after one of them has killed it.
 *
 * A test file loads its modules anew, so what runs while modules load counts as reached by every test of that file:
 * a table or a pattern is measured like everything else, and not by all tests there are.
 */
function jestByFile(injector: Injector<PluginContext>, options: StrykerOptions): TestRunner {
  const [jest] = jestPlugins;
  if (!jest) throw new Error('@stryker-mutator/jest-runner has no test runner');
  const runners = new Map<string, TestRunner>();
  for (const folder of folders) {
    for (const path of globSync(`test/${folder}/**/*.test.ts`)) {
      const config = {
        testMatch: [resolve(path)],
        setupFiles: ['<rootDir>/test/mutation/one-counterexample.ts'],
        watchman: false,
      };
      const only: StrykerOptions = { ...options, jest: Object.assign({}, options['jest'], { config }) };
      runners.set(path, injector.provideValue(commonTokens.options, only).injectFunction(jest.factory));
    }
  }
  /** Of a whole file, milliseconds. Empty in a worker that replaced another: then all are equally quick. */
  const durations = new Map<string, number>();

  async function dryRun(given: DryRunOptions): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    const perTest: CoveragePerTestId = {};
    for (const [path, runner] of runners) {
      const before = performance.now();
      const result = await runner.dryRun(given);
      if (result.status !== DryRunStatus.Complete) return result;
      durations.set(path, performance.now() - before);
      tests.push(...result.tests.map((test) => ({ ...test, id: idOf(path, test.id) })));
      Object.assign(perTest, coverageOf(path, result));
    }
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } };
  }

  async function mutantRun(given: MutantRunOptions): Promise<MutantRunResult> {
    const namesake = `${basename(given.sandboxFileName, '.ts')}.test.ts`;
    const rank = (path: string): number => (basename(path) === namesake ? -1 : (durations.get(path) ?? 0));
    const filter = given.testFilter && Map.groupBy(given.testFilter, pathOf);
    let nrOfTests = 0;
    let failure: MutantRunResult | undefined;
    for (const path of [...(filter ?? runners).keys()].sort((a, b) => rank(a) - rank(b))) {
      const names = filter?.get(path)?.map(nameOf);
      const result = await runners.get(path)?.mutantRun({ ...given, ...(names && { testFilter: names }) });
      if (!result) throw new Error(`${path} is no test file`);
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
      for (const runner of runners.values()) await runner.init?.();
    },
    dryRun,
    mutantRun,
  };
}

/** Two files may have tests of one name. */
const separator = '\n';
const idOf = (path: string, name: string): string => `${path}${separator}${name}`;
const pathOf = (id: string): string => id.slice(0, id.indexOf(separator));
const nameOf = (id: string): string => id.slice(id.indexOf(separator) + 1);

/** Coverage of one file's tests; takes it out of the object that the runners of all files share. */
function coverageOf(path: string, { tests, mutantCoverage }: CompleteDryRunResult): CoveragePerTestId {
  const found: CoveragePerTestId = {};
  for (const { id } of tests) {
    found[idOf(path, id)] = { ...mutantCoverage?.static, ...mutantCoverage?.perTest[id] };
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
