import { byName, valueOf, type Figure, type Figures } from '../figure.ts';
import { measure } from '../measure.ts';
import type { Part } from '../part.ts';
import { number, type Table } from '../table.ts';
import { startWorld } from '../world/world.ts';
import { growingKeys } from './growing-keys.ts';
import { growingOrganizations } from './growing-organizations.ts';
import { growingRing, ringsOfSizes } from './growing-ring.ts';
import { growingRoutes } from './growing-routes.ts';
import type { Pair } from './pair.ts';

/** Of a slow case, as many rounds say enough. */
const mostRounds = 60;

export const growth: Part = {
  name: 'growth',
  title: 'what a decision costs when there is more of everything',
  async run({ rounds, keys }, progress) {
    const world = await startWorld(ringsOfSizes);
    try {
      progress(`writing 500 memberships and ${keys.toLocaleString('en-US')} keys`);
      const pairs = [
        growingRoutes(world),
        ...(await growingOrganizations(world)),
        await growingKeys(world, keys),
        growingRing(world),
      ];
      progress(`${pairs.length} comparisons, ${Math.min(rounds, mostRounds)} rounds`);
      const cases = pairs.flatMap(({ small, large }) => [small, large]);
      const measured = await measure(cases, Math.min(rounds, mostRounds));
      const ratios = pairs.map((pair) => ratioOf(pair, byName(measured)));
      return { figures: [...measured, ...ratios], table: tableOf(pairs, byName([...measured, ...ratios])) };
    } finally {
      await world.stop();
    }
  },
};

const ratioOf = ({ name, small, large }: Pair, figures: Figures): Figure => ({
  name,
  unit: '×',
  value: valueOf(figures, large.name) / valueOf(figures, small.name),
});

const tableOf = (pairs: readonly Pair[], figures: Figures): Table => ({
  head: ['', 'small (µs)', 'large (µs)', 'grows'],
  rows: pairs.map(({ name, small, large }) => [
    name,
    number(valueOf(figures, small.name)),
    number(valueOf(figures, large.name)),
    `× ${number(valueOf(figures, name))}`,
  ]),
});
