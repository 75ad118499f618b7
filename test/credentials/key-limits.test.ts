import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import * as fc from 'fast-check';
import { apiKey } from '../support/api-key.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { keyOracle, type Limits } from '../support/key-oracle.ts';
import { decided, patientProcess } from '../support/patient.ts';
import { runs } from '../support/runs.ts';
import { alice } from '../support/world.ts';
import { digest } from '../support/world/place.ts';

let world: TestAuthorizer;
let patient: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  patient = patientProcess(world);
});
afterAll(() => world.stop());

/**
 * No moment is exactly an end: windows and intervals have half a millisecond, and expiry falls on odd
 * milliseconds while uses fall on even ones. (While its clock stands at the very end of a window, Better Auth
 * never answers.)
 */
const small = fc.constantFrom(null, 0, 1, 2, 3, 5);
const duration = fc.constantFrom(10.5, 100.5, 1000.5, 60_000.5);
const limits: fc.Arbitrary<Omit<Limits, 'expiresAt'> & { readonly life: number | null }> = fc.record({
  enabled: fc.constantFrom(true, true, true, true, false),
  life: fc.oneof(fc.constant(null), fc.constant(null), fc.integer({ min: -50, max: 20_000 })),
  remaining: small,
  refillAmount: fc.constantFrom(null, null, 1, 2, 4),
  refillInterval: fc.option(duration),
  rateLimitEnabled: fc.boolean(),
  rateLimitMax: small,
  rateLimitTimeWindow: fc.option(duration),
});
const pauses = fc.array(fc.constantFrom(0, 0, 0, 2, 10, 12, 60, 100, 102, 500, 1002, 15_000, 60_002), {
  minLength: 1,
  maxLength: 14,
});

const reasons: Readonly<Record<string, string>> = {
  allow: 'allow',
  USAGE_EXCEEDED: 'quota_exhausted',
  RATE_LIMITED: 'rate_limited',
  KEY_EXPIRED: 'credential_expired',
  KEY_DISABLED: 'credential_disabled',
};

let keys = 0;

/** A key of Alice's with these limits, used at these moments. */
async function ours(given: Limits, moments: readonly number[]) {
  keys += 1;
  const key = apiKey('live', `Limits${keys}x`);
  const row = {
    pk: `apikey#${digest(key)}`,
    sk: '#',
    id: `limits-${keys}`,
    configId: 'default',
    referenceId: alice,
    requestCount: 0,
    ...given,
    createdAt: new Date(start).toISOString(),
    expiresAt: given.expiresAt?.toISOString(),
  };
  const present = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
  await put(world.engine.client, world.table, [present]);
  const outcomes: string[] = [];
  for (const moment of moments) {
    world.clock.advance(moment - world.clock());
    outcomes.push(await decided(patient, world, { headers: { 'x-api-key': key } }));
  }
  const { Item = {} } = await world.engine.client.send(
    new GetItemCommand({
      TableName: world.table,
      Key: { pk: { S: row.pk }, sk: { S: '#' } },
      ConsistentRead: true,
    }),
  );
  return { outcomes, row: unmarshall(Item) };
}

/** What the named differences make of Better Auth's words: it deletes a key it has refused for good. */
function expectedOf(
  verdicts: readonly string[],
  given: Limits,
  moments: readonly number[],
): readonly string[] {
  let last = '';
  return verdicts.map((verdict, index) => {
    const ended = given.expiresAt !== null && (moments[index] ?? 0) > given.expiresAt.getTime();
    if (verdict === 'INVALID_API_KEY') return ended ? 'credential_expired' : last;
    last = reasons[verdict] ?? verdict;
    return last;
  });
}

test('any sequence of uses has the outcome that Better Auth gives it, and leaves the same counts', async () => {
  const oracle = keyOracle();
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(limits, pauses, async ({ life, ...rest }, steps) => {
      const given = { ...rest, expiresAt: life === null ? null : new Date(start + 2 * life + 1) };
      let at = start;
      const moments = steps.map((step) => (at += step));
      const theirs = await oracle.verify(given, start, moments);
      const { outcomes, row } = await ours(given, moments);
      for (const outcome of [...outcomes, ...theirs.verdicts])
        seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      expect(outcomes).toEqual(expectedOf(theirs.verdicts, given, moments));
      if (theirs.row && given.remaining !== null)
        expect([row['remaining'], row['lastRefillAt'] ?? null]).toEqual([
          theirs.row['remaining'],
          text(theirs.row['lastRefillAt']),
        ]);
      if (theirs.row && isRateLimited(given))
        expect([row['requestCount'], row['lastRequest'] ?? null]).toEqual([
          theirs.row['requestCount'],
          text(theirs.row['lastRequest']),
        ]);
    }),
    runs(400),
  );
  // Every outcome, and every named difference, occurred.
  for (const outcome of [...Object.values(reasons), 'INVALID_API_KEY'])
    expect([...seen.keys()]).toContain(outcome);
}, 300_000);

const isRateLimited = (given: Limits): boolean =>
  given.rateLimitEnabled && given.rateLimitMax !== null && given.rateLimitTimeWindow !== null;

const text = (date: unknown): string | null => (date instanceof Date ? date.toISOString() : null);
