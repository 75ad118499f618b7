import {
  authFlowTestSuite,
  caseInsensitiveTestSuite,
  joinsTestSuite,
  normalTestSuite,
  numberIdTestSuite,
  testAdapter,
  transactionsTestSuite,
  uuidTestSuite,
} from '@better-auth/test-utils/adapter';
import { afterAll } from 'vitest';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { startTestEngine } from '../support/engine.ts';
import { forOfficialSuites } from '../support/layout.ts';

// Scans, because the suites ask for whole models.
const engine = await startTestEngine();
let tableName = await engine.createIdentityTable();

const suites = await testAdapter({
  adapter: () =>
    dynamodbAdapter({
      client: engine.client,
      tableName,
      layout: forOfficialSuites(identityLayout),
      allowScan: true,
    }),
  // An empty table is what a migration to other options would leave.
  runMigrations: async () => {
    tableName = await engine.createIdentityTable();
  },
  tests: [
    normalTestSuite(),
    authFlowTestSuite(),
    uuidTestSuite(),
    joinsTestSuite(),
    caseInsensitiveTestSuite(),
    numberIdTestSuite(),
    transactionsTestSuite(),
  ],
});

suites.execute();
afterAll(() => engine.stop());
