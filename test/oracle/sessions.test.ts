import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { patientProcess } from '../support/patient.ts';
import { runs } from '../support/runs.ts';
import { trustedOrigin } from '../support/world.ts';
import { answerOf, type Answer } from './answer.ts';
import { betterAuthOracle, emptyDatabase, type Oracle, type Strategy } from './better-auth.ts';
import { expectedOfSession, outcomeOf, type Outcome, type SessionFacts } from './expected-session.ts';
import { machineClock, type MachineClock } from './machine-clock.ts';
import { sessionCase, type SessionCase } from './session-case.ts';
import { sessionLife, type SessionLife } from './session-life.ts';
import { tally } from './tally.ts';

const { numRuns } = runs(3000);
/** Milliseconds: FACTS_TTL_SECONDS. */
const factsBound = 15_000;

const secrets = {
  signing: 'a-secret-for-better-auth-that-signs-now-00',
  older: 'a-secret-for-better-auth-of-before-rotation',
  foreign: 'a-secret-for-better-auth-of-another-place-0',
};
const urls = { secure: 'https://api.crm.example.com', bare: 'http://api.crm.example.com' };

const database = emptyDatabase();
const oracles = new Map<string, Oracle>();
const processes = new Map<string, MeteredAuthority>();
let world: TestAuthorizer;
let clock: MachineClock;
beforeAll(async () => {
  world = await startAuthorizer();
  const keys = [
    { kid: 'older', k: secrets.older, signFrom: 1 },
    { kid: 'signing', k: secrets.signing, signFrom: 2 },
  ];
  world.secrets.values.set('better-auth', { value: JSON.stringify({ keys }), versionId: 'v2' });
  clock = machineClock(world.clock);
  for (const place of ['secure', 'bare'] as const) {
    const url = urls[place];
    for (const strategy of ['compact', 'jwt'] as const)
      oracles.set(`${place} ${strategy}`, betterAuthOracle(database, secrets.signing, url, strategy));
    const variables = { BETTER_AUTH_URL: url, ...(place === 'bare' ? { STAGE: 'dev' } : {}) };
    processes.set(`${place} true`, patientProcess(world, variables));
    processes.set(`${place} false`, patientProcess(world, { ...variables, FACTS_TTL_SECONDS: '0' }));
  }
});
afterAll(async () => {
  clock.release();
  await world.stop();
});

const seen = tally('session', numRuns);

test(`${numRuns} random sessions: the answer of Better Auth, but for the named differences, each of which occurs`, async () => {
  await fc.assert(
    fc.asyncProperty(sessionCase, async (given) => {
      const oracle = oracleOf(given.secure, given.strategy);
      await follow(given, oracle, await sessionLife(given, oracle, database, world, secrets, clock.now()));
      seen.case();
    }),
    { numRuns },
  );
  seen.report();
  expect(seen.cases()).toBeGreaterThanOrEqual(numRuns);
  expect(seen.missing()).toEqual([]);
  for (const outcome of ['allow', 'credential_missing', 'credential_malformed', 'credential_unknown'])
    expect([...seen.outcomes]).toContain(outcome);
  for (const outcome of ['credential_expired', 'signature_invalid', 'credential_ambiguous'])
    expect([...seen.outcomes]).toContain(outcome);
}, 3_600_000);

function oracleOf(secure: boolean, strategy: Strategy): Oracle {
  const found = oracles.get(`${secure ? 'secure' : 'bare'} ${strategy}`);
  if (!found) throw new Error('No such oracle');
  return found;
}

/** Lets time pass, changes the rows and asks both, step by step. */
async function follow(given: SessionCase, oracle: Oracle, life: SessionLife): Promise<void> {
  const past: Past[] = [];
  for (const { wait, change } of given.steps) {
    const end = life.facts().row?.expiresAt ?? 0;
    clock.advance(wait === 'end' ? Math.max(0, end - clock.now()) : wait);
    const now = clock.now();
    if (change) {
      past.push({ ...life.facts(), until: now });
      await life.change(change, now);
    }
    const facts: SessionFacts = { ...life.facts(), now };
    const ours = await present(given, life.cookie);
    const theirs = await oracle.getSession(life.cookie, given.refresh);
    const expected = expectedOfSession(facts, theirs);
    const isLate = given.warm && !isAs(ours, expected) && isOfPast(ours, facts, past);
    seen.compared(ours.outcome, isLate ? 'facts bound' : expected.difference);
    if (!isLate) {
      const { outcome, organizationId } = expected;
      expect({ facts, theirs, outcome: ours.outcome, organizationId: ours.organizationId }).toEqual({
        facts,
        theirs,
        outcome,
        organizationId,
      });
    }
    if (ours.outcome === 'allow') {
      expect([ours.id, ours.ownerId]).toEqual([life.id, life.userId]);
      if (theirs && theirs !== 'failure') expect(theirs).toMatchObject({ id: ours.id, userId: ours.ownerId });
    }
    // The same data for both: what Better Auth wrote is written.
    if (await life.mirror()) past.push({ ...facts, until: now });
  }
}

const isAs = (ours: Answer, { outcome, organizationId }: Outcome): boolean =>
  ours.outcome === outcome && ours.organizationId === organizationId;

/** What the rows said until a moment. */
interface Past extends Pick<SessionFacts, 'memberOf'> {
  readonly row?: SessionFacts['row'] | undefined;
  readonly until: number;
}

/** Is it what rows give of which some are from before a change that is younger than the bound? */
function isOfPast(ours: Answer, facts: SessionFacts, past: readonly Past[]): boolean {
  const known = [...past.filter(({ until }) => facts.now - until < factsBound), facts];
  const { row: _now, ...others } = facts;
  return known.some(({ row }) =>
    known.some(({ memberOf }) => isAs(ours, outcomeOf({ ...others, memberOf, ...(row ? { row } : {}) }))),
  );
}

function present({ secure, warm, origin }: SessionCase, cookie: string): Promise<Answer> {
  const by = processes.get(`${secure ? 'secure' : 'bare'} ${String(warm)}`);
  if (!by) throw new Error('No such process');
  const origins = { absent: undefined, trusted: trustedOrigin, untrusted: 'https://evil.test' };
  const sent = origins[origin];
  return answerOf(by, world, {
    ...(cookie === '' ? {} : { cookie }),
    ...(sent === undefined ? {} : { headers: { Origin: sent } }),
  });
}
