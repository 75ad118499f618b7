import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startWorld } from './harness/world.ts';
import type { World } from './harness/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 120_000);
afterAll(() => world?.stop());

test('probe', async () => {
  const r = await world.send('/v1/whoami', { headers: [['x-api-key', world.keys.alice.key]] });
  console.log(r.status, r.body, r.rawHeaders);
  const r2 = await world.alice.ask('/v1/whoami');
  console.log(r2.status, r2.body, r2.rawHeaders);
  expect(r.status).toBe(200);
});
