import { generateApiKey } from '../../lambda/identity/api-keys.ts';
import { answering, isAllow, type Answering } from '../world/answering.ts';
import { randomId } from '../world/credentials.ts';
import { eventOf, type Event } from '../world/event.ts';
import { put, type Item } from '../world/items.ts';
import { keyRow } from '../world/key-row.ts';
import type { World } from '../world/world.ts';
import { pair, type Pair } from './pair.ts';

/** Keys of two people: one in a single organization, one in 500. */
export async function growingOrganizations({ compose, writer, table }: World): Promise<readonly Pair[]> {
  const events = new Map<number, Event>();
  for (const count of [1, 500]) {
    const userId = randomId();
    const key = generateApiKey('live');
    await put(writer, table, [keyRow(key, userId), ...memberships(userId, count)].values());
    events.set(count, eventOf({ 'x-api-key': key }));
  }
  const eventAmong = (count: number): Event => events.get(count) ?? eventOf({});
  return [
    pair('1 → 500 organizations of a user', 1, 500, (count) => {
      const answer = answering(compose());
      const event = eventAmong(count);
      const prepare = async (): Promise<void> => void (await answer(event));
      return { calls: 200, prepare, run: () => answer(event), isRight: isAllow };
    }),
    pair('1 → 500 organizations of a user, cold', 1, 500, (count) => {
      let processes: readonly Answering[] = [];
      const prepare = (): void => {
        processes = Array.from({ length: 5 }, () => answering(compose()));
      };
      const event = eventAmong(count);
      return { by: 'cpu', calls: 5, prepare, run: (index) => processes[index]?.(event), isRight: isAllow };
    }),
  ];
}

function memberships(userId: string, count: number): readonly Item[] {
  return Array.from({ length: count }, (_, index) => {
    const id = randomId();
    const createdAt = new Date(Date.now() - index * 1000).toISOString();
    const slug = `company-${id.toLowerCase()}`;
    return [
      { pk: `organization#${id}`, sk: '#', id, slug, name: slug, createdAt },
      {
        pk: `member.userId#${userId}`,
        sk: id,
        id: randomId(),
        userId,
        organizationId: id,
        role: 'member',
        createdAt,
      },
      {
        pk: `member.userId.createdAt#${userId}`,
        sk: `${createdAt}#${id}`,
        refPk: `member.userId#${userId}`,
        refSk: id,
      },
    ];
  }).flat();
}
