import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { membershipKey } from '../../lambda/store/keys.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { decided, patientProcess } from '../support/patient.ts';
import type { Sent } from '../support/event.ts';
import { acme, bob, cookieOf, initech, keyOf, rows } from '../support/world.ts';
import { median, noiseOf } from './noise.ts';

/** Times each way of asking is timed. */
const rounds = Number(process.env['TIMING_ROUNDS'] ?? 4000);

/** More than are all read for a slug (lambda/store/memberships.ts). */
const many = 30;

let world: TestAuthorizer;
let by: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  await put(world.engine.client, world.table, membershipsOf(bob, many));
  // Nothing remembered: every request reads.
  by = patientProcess(world, { FACTS_TTL_SECONDS: '0', REVOCATION_TTL_SECONDS: '0' });
});
afterAll(() => world.stop());

const ways = {
  'unknown by slug': 'nowhere',
  'foreign by slug': initech.slug,
  'unknown by id': 'OrgNowhere0000000000000000000000',
  'foreign by id': initech.id,
} as const;

/** Beside the one in Acme. */
function membershipsOf(userId: string, count: number): readonly Readonly<Record<string, unknown>>[] {
  const { pk, sk } = membershipKey(userId, acme.id);
  const held = rows.find((row) => row.pk === pk && row.sk === sk);
  const heldIn = (id: string) => ({ ...held, pk, sk: id, id, organizationId: id });
  return Array.from({ length: count }, (_, index) => heldIn(`OrgOfMany${index}`));
}

type Way = keyof typeof ways;
const names = Object.keys(ways).filter((name): name is Way => name in ways);

/** Milliseconds of each, in turns, so that whatever slows the machine slows all of them. */
async function measured(sent: Partial<Sent>): Promise<Readonly<Record<Way, readonly number[]>>> {
  const times: Record<Way, number[]> = {
    'unknown by slug': [],
    'foreign by slug': [],
    'unknown by id': [],
    'foreign by id': [],
  };
  for (let round = -200; round < rounds; round += 1) {
    for (const [index] of names.entries()) {
      // Another order in every round: a place in it is nobody's advantage.
      const name = names[(index + round + 200) % names.length];
      if (name === undefined) continue;
      const headers = { ...sent.headers, 'X-Tenant-Id': ways[name] };
      const before = performance.now();
      const outcome = await decided(by, world, { ...sent, headers });
      const time = performance.now() - before;
      if (outcome !== 'organization_forbidden') throw new Error(outcome);
      // The first rounds warm the machine up.
      if (round >= 0) times[name].push(time);
    }
  }
  return times;
}

describe('an organization that does not exist and a foreign one take the same time, within noise', () => {
  test.each<[string, Partial<Sent>]>([
    ['an API key', { headers: { 'X-Api-Key': keyOf('alice') } }],
    ['a session', { cookie: cookieOf('alice') }],
    ['an API key of somebody in many', { headers: { 'X-Api-Key': keyOf('bob') } }],
    ['a session of somebody in many', { cookie: cookieOf('bob') }],
  ])(
    'asked for by %s',
    async (kind, sent) => {
      const times = await measured(sent);
      for (const name of ['slug', 'id'] as const) {
        const unknown = times[`unknown by ${name}`];
        const foreign = times[`foreign by ${name}`];
        const difference = Math.abs(median(unknown) - median(foreign));
        const noise = noiseOf(unknown, foreign);
        const microseconds = (value: number): string => `${(value * 1000).toFixed(1)} µs`;
        process.stderr.write(
          `  ${kind}, by ${name}: medians differ by ${microseconds(difference)} of ${microseconds(median(unknown))}; ` +
            `halves of one kind by ${microseconds(noise)}\n`,
        );
        // What one request would have to tell apart, in the spread of what requests take.
        expect(difference).toBeLessThan(Math.max(noise, median(unknown) * 0.02));
      }
    },
    3_600_000,
  );
});

test('a difference that is one is found: another read is seen', async () => {
  const sent = { headers: { 'X-Api-Key': keyOf('alice') } };
  const own: number[] = [];
  const fewer: number[] = [];
  for (let round = 0; round < rounds / 4; round += 1) {
    for (const [times, headers] of [
      [own, { ...sent.headers, 'X-Tenant-Id': 'nowhere' }],
      [fewer, { ...sent.headers, 'X-Tenant-Id': '' }],
    ] as const) {
      const before = performance.now();
      await decided(by, world, { headers });
      times.push(performance.now() - before);
    }
  }
  expect(Math.abs(median(own) - median(fewer))).toBeGreaterThan(
    Math.max(noiseOf(own, fewer), median(own) * 0.02),
  );
}, 3_600_000);
