import { setTimeout } from 'node:timers/promises';
import { send } from '../../contract/harness/http.ts';
import type { Place } from './place.ts';

/**
 * Starts every process that will be asked, and has each read what it keeps: a load is steady from its beginning.
 * Ends when a round of as many requests at once as there are processes was answered 200 throughout.
 */
export async function warmUp({ credentials, stack, cold, cutOff }: Place, processes: number): Promise<void> {
  for (const make of [credentials.signIn, credentials.mint]) {
    while (!(await make()).credential) await setTimeout(500);
  }
  const all = (['session', 'api_key', 'extension_token'] as const).flatMap(
    (kind) => credentials.next(kind) ?? [],
  );
  const { rest, http = rest } = stack.urls;
  for (let areWarm = false; !areWarm; await setTimeout(500)) {
    const statuses: number[] = [];
    for (const credential of all) {
      const headers = Object.entries(credential.headers);
      const round = Array.from({ length: processes }, () =>
        [rest, http].map(async (base) => (await send(base, '/v1/whoami', { headers })).status),
      );
      statuses.push(...(await Promise.all(round.flat())));
      for (const process of [cold, cutOff]) statuses.push((await process.ask(credential)).status);
    }
    areWarm = statuses.every((status) => status === 200);
  }
}
