import { routeTable } from '../../lambda/core/route-table.ts';
import type { Route } from '../../lambda/core/routes.ts';
import { answering, isAllow } from '../world/answering.ts';
import { eventOf } from '../world/event.ts';
import type { World } from '../world/world.ts';
import { pair, type Pair } from './pair.ts';

/** An API of many resources, each with a parameter and a scope of its own, as ours have. */
const routesOf = (count: number): readonly Route[] =>
  Array.from({ length: count }, (_, index) => ({
    method: 'GET',
    path: `/v1/collection-${index}/{entity}`,
    accepts: ['session', 'api_key'],
    scope: `collection-${index}:read:{entity}`,
    endpoint: 'records',
  }));

const path = '/v1/collection-0/contact';
const resource = '/v1/collection-0/{entity}';

/** An owner's key, facts fresh: the policy lists every route it opens, which here are all of them. */
export function growingRoutes({ compose, person }: World): Pair {
  const event = eventOf({ 'x-api-key': person.apiKey }, { method: 'GET', path, resource });
  return pair('10 → 1,000 routes', 10, 1000, (count) => {
    const answer = answering({ ...compose(), table: routeTable(routesOf(count)) });
    const prepare = async (): Promise<void> => void (await answer(event));
    return { calls: 100, prepare, run: () => answer(event), isRight: isAllow };
  });
}
