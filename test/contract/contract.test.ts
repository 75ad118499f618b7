import { afterAll, beforeAll } from '@jest/globals';
import { startWorld } from './harness/world.ts';
import type { World } from './harness/world.ts';
import { actionRefusalTests } from './parts/action-refusals.ts';
import { actionTests } from './parts/actions.ts';
import { answerTests } from './parts/answers.ts';
import { apiKeyTests } from './parts/api-key.ts';
import { authorizerFunctionTests } from './parts/authorizer-functions.ts';
import { clientTests } from './parts/client.ts';
import { cookieCacheTests } from './parts/cookie-cache.ts';
import { corsTests } from './parts/cors.ts';
import { deployedTests } from './parts/deployed.ts';
import { extensionTokenTests } from './parts/extension-token.ts';
import { httpApiTests } from './parts/http-api.ts';
import { httpOpenTests } from './parts/http-open.ts';
import { identityInputTests } from './parts/identity-input.ts';
import { installationTests } from './parts/installation.ts';
import { keyPermissionTests } from './parts/key-permissions.ts';
import { lambdaTests } from './parts/lambda.ts';
import { legacyTests } from './parts/legacy.ts';
import { limitTests } from './parts/limits.ts';
import { membershipTests } from './parts/membership.ts';
import { mintTests } from './parts/mint.ts';
import { organizationTests } from './parts/organization.ts';
import { originTests } from './parts/origin.ts';
import { randomTests } from './parts/random.ts';
import { recordTests } from './parts/records.ts';
import { routeTests } from './parts/routes.ts';
import { sessionTests } from './parts/session.ts';
import { tenancyTests } from './parts/tenancy.ts';
import { tokenFormTests } from './parts/token-form.ts';
import { websocketStandingTests } from './parts/websocket-standing.ts';
import { websocketTests } from './parts/websocket.ts';
import { whoamiTests } from './parts/whoami.ts';

let running: World | undefined;
beforeAll(async () => {
  running = await startWorld();
}, 120_000);
afterAll(() => running?.stop());

/** One stack serves them all: starting it takes longer than most of them. */
const world = (): World => {
  if (!running) throw new Error('the stack did not start');
  return running;
};

const parts = [
  clientTests,
  actionRefusalTests,
  actionTests,
  answerTests,
  apiKeyTests,
  authorizerFunctionTests,
  cookieCacheTests,
  corsTests,
  deployedTests,
  extensionTokenTests,
  httpApiTests,
  httpOpenTests,
  identityInputTests,
  installationTests,
  keyPermissionTests,
  lambdaTests,
  legacyTests,
  limitTests,
  membershipTests,
  mintTests,
  organizationTests,
  originTests,
  randomTests,
  recordTests,
  routeTests,
  sessionTests,
  tenancyTests,
  tokenFormTests,
  websocketStandingTests,
  websocketTests,
  whoamiTests,
];
for (const tests of parts) tests(world);
