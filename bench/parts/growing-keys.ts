import { randomBytes } from 'node:crypto';
import { generateApiKey } from '../../lambda/identity/api-keys.ts';
import { answering, isAllow, type Answering } from '../world/answering.ts';
import { eventOf, type Event } from '../world/event.ts';
import { createTable, put, type Item } from '../world/items.ts';
import { keyRow } from '../world/key-row.ts';
import type { World } from '../world/world.ts';
import { pair, type Pair } from './pair.ts';

const few = 100;

/** Cold decisions about keys, in tables that hold few and many of them. */
export async function growingKeys({ compose, writer, table, person }: World, many: number): Promise<Pair> {
  const presented = Array.from({ length: few }, () => generateApiKey('live'));
  const rowsOf = function* (count: number): Generator<Item> {
    for (let index = 0; index < count; index += 1) {
      const key = presented[index];
      // Of the others only their rows are needed: nobody presents them.
      yield key === undefined
        ? keyRow('crm_live_0000', person.userId, randomBytes(32).toString('base64url'))
        : keyRow(key, person.userId);
    }
  };
  const tables = new Map<number, string>();
  for (const count of [few, many]) {
    const name = `${table}-${count}-keys`;
    await createTable(writer, name);
    await put(writer, name, rowsOf(count));
    await copyPerson(count);
    tables.set(count, name);
  }
  const events = presented.map((key) => eventOf({ 'x-api-key': key }));
  return comparison();

  async function copyPerson(count: number): Promise<void> {
    const { userId, organizationId, organizationSlug: slug } = person;
    const createdAt = new Date().toISOString();
    const rows: readonly Item[] = [
      { pk: `organization#${organizationId}`, sk: '#', id: organizationId, slug, name: slug, createdAt },
      {
        pk: `member.userId#${userId}`,
        sk: organizationId,
        id: 'member',
        userId,
        organizationId,
        role: 'owner',
        createdAt,
      },
      {
        pk: `member.userId.createdAt#${userId}`,
        sk: `${createdAt}#${organizationId}`,
        refPk: `member.userId#${userId}`,
        refSk: organizationId,
      },
    ];
    await put(writer, `${table}-${count}-keys`, rows.values());
  }

  function comparison(): Pair {
    return pair(`10² → ${power(many)} keys in the table, cold`, few, many, (count) => {
      let processes: readonly Answering[] = [];
      let next: readonly Event[] = [];
      const prepare = (): void => {
        processes = Array.from({ length: 10 }, () =>
          answering(compose({ AUTH_TABLE_NAME: tables.get(count) ?? '' })),
        );
        const from = Math.floor(Math.random() * (few - 10));
        next = events.slice(from, from + 10);
      };
      const run = (index: number): unknown => processes[index]?.(next[index]);
      return { by: 'cpu', calls: 10, prepare, run, isRight: isAllow };
    });
  }
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 10⁵ where it is a power of ten, else the number itself. */
export function power(count: number): string {
  const exponent = Math.log10(count);
  return Number.isInteger(exponent) ? `10${superscripts.charAt(exponent)}` : count.toLocaleString('en-US');
}
