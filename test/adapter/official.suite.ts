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
import { withoutExpiry } from '../support/layout.ts';

// The suites read whole models and create rows that expired as they were made: hence scans, and no expiry.
const engine = await startTestEngine();
let tableName = await engine.createIdentityTable();

const suites = await testAdapter({
  adapter: () =>
    dynamodbAdapter({
      client: engine.client,
      tableName,
      layout: withoutExpiry(identityLayout),
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
