import { defineConfig } from 'vitest/config';

/** Better Auth's own adapter suites are written for vitest; everything else runs under jest. */
export default defineConfig({
  test: {
    include: ['test/**/*.suite.ts'],
    // One process: the suites share an engine, and the machine may have two cores.
    pool: 'threads',
    maxWorkers: 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The suites report every test's duration themselves.
    silent: 'passed-only',
  },
});
