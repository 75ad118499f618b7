import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { accept } from './acceptance.ts';
import { everyItem, orphans } from './fixture.ts';
import { flows } from './interruptible.ts';
import { mortal } from './mortal.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

/** How many items of each kind there are. */
async function kinds(tableName: string, besides?: RegExp): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { pk } of await everyItem(engine.client, tableName)) {
    const kind = String(pk).replace(/#.*/s, '');
    if (besides?.test(kind) !== true) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

test.each(Object.entries(flows))(
  '%s, killed after any of its writes and done again, comes to its end and leaves no more than if it had not been',
  async (_, { before, attempt, again, besides }) => {
    const process = mortal(engine);
    const run = async (writes: number): Promise<{ died: boolean; left: Record<string, number> }> => {
      const world = await accept(engine, process.client);
      const browse = world.newBrowser();
      const known = await before(browse, world);
      process.dieAfter(writes);
      const answer = await attempt(browse, known, world).then(({ status }) => status, String);
      const died = process.revive();
      // Nobody is told that it is done who must do it again.
      expect(answer === 200).toBe(!died);
      if (died || besides !== undefined) await again(browse, known, world);
      expect(await orphans(engine.client, world.tableName)).toEqual([]);
      return { died, left: await kinds(world.tableName, besides) };
    };
    const { left: expected } = await run(Infinity);
    for (let writes = 0, died = true; died; writes += 1) {
      const outcome = await run(writes);
      expect(outcome.left).toEqual(expected);
      died = outcome.died;
      if (writes === 0) expect(died).toBe(true);
    }
  },
);
