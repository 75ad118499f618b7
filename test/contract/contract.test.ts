import { afterAll, beforeAll } from '@jest/globals';
import { startWorld } from './harness/world.ts';
import type { World } from './harness/world.ts';
import { answerTests } from './parts/answers.ts';
import { apiKeyTests } from './parts/api-key.ts';
import { clientTests } from './parts/client.ts';
import { corsTests } from './parts/cors.ts';
import { extensionTokenTests } from './parts/extension-token.ts';
import { organizationTests } from './parts/organization.ts';
import { originTests } from './parts/origin.ts';
import { sessionTests } from './parts/session.ts';
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
  answerTests,
  apiKeyTests,
  corsTests,
  extensionTokenTests,
  organizationTests,
  originTests,
  sessionTests,
  whoamiTests,
];
for (const tests of parts) tests(world);
