import { answering } from '../world/answering.ts';
import { extensionToken } from '../world/credentials.ts';
import { eventOf } from '../world/event.ts';
import { startWorld } from '../world/world.ts';

/**
 * One process to which ever more distinct credentials are presented, all of them good. Says what is on its heap
 * after a garbage collection, each time so many have been. Needs `--expose-gc`.
 */
const counts = process.argv.slice(2).map(Number);
/** At once, so that their reads share requests. */
const batch = 100;

const world = await startWorld();
const answer = answering(world.compose());
const key = world.rings.token.signing;

const present = (): Promise<unknown> =>
  Promise.all(
    Array.from({ length: batch }, () =>
      answer(eventOf({ Authorization: `Bearer ${extensionToken(world.person, key)}` })),
    ),
  );

/** Bytes, once what only waits to be collected is gone. */
async function heap(): Promise<number> {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

let presented = 0;
for (const count of counts) {
  for (; presented < count; presented += batch) await present();
  process.send?.({ presented, heap: await heap() });
}
await world.stop();
process.disconnect?.();
