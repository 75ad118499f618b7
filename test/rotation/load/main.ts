import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import { print } from '../../../bench/table.ts';
import { flawsOf, signInBefore, signOut } from './browsers.ts';
import { cuts } from './cuts.ts';
import { revokeSigner, type Emergency } from './emergency.ts';
import { startLoad, type Load } from './load.ts';
import { openPlace, type Place } from './place.ts';
import { revokeUser } from './revoked-user.ts';
import { rotateAgainAndAgain, type Rotated } from './rotations.ts';
import type { Tally } from './tally.ts';
import { sendUnknownKids } from './unknown-kids.ts';
import { warmUp } from './warm-up.ts';

/**
 * `npm run test:rotation`: rotations of both secrets under load on the local stack, then what is done when a key
 * leaked, then tokens that name keys nobody has. Progress goes to standard error; it ends with what was measured,
 * and fails when one valid request was not answered.
 */
const help = `Rotates both secrets of a local stack of its own under a steady load.

  npm run test:rotation

Environment:
  ROTATIONS             of each secret (default 10)
  REQUESTS_PER_SECOND   with valid credentials, in all (default 110)
  PROCESSES             most of one authorizer function (default 3)`;

const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
if (values.help) {
  console.log(help);
  process.exit(0);
}
const setting = (name: string, usual: number): number => Number(process.env[name] ?? usual);
const times = setting('ROTATIONS', 10);
const perSecond = setting('REQUESTS_PER_SECOND', 110);
const processes = setting('PROCESSES', 3);
/** Seconds. A reader may miss 12 s, which leaves a rotation 2 s for its four steps. */
const bounds = { ttl: 2, stale: 10, publishDelay: 14 };
const kinds: readonly SecretKind[] = ['extension-token', 'better-auth'];

const begun = performance.now();
const say = (line: string): void =>
  console.error(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}`);
const flaws: string[] = [];

async function rotations(place: Place): Promise<void> {
  const { credentials, cold, stack } = place;
  await warmUp(place, processes);
  const cut = cuts(place);
  const browsers = [await signInBefore(place, true), await signInBefore(place, false)];
  const load = startLoad(place, perSecond);
  const progress = setInterval(
    () =>
      say(
        `${load.tally.sent()} requests, ${load.perSecond().toFixed(0)}/s, ${load.tally.rejected()} not answered 2xx`,
      ),
    10_000,
  );
  let [coldStarts, whileCut] = [0, 0];
  const rotate = (kind: SecretKind): Promise<Rotated> =>
    rotateAgainAndAgain(place, kind, times, {
      before: cut.begin,
      published: async (rotation, kid) => {
        say(`${kind}: rotation ${rotation} of ${times} is published, ${kid} waits`);
        if (cut.isCut()) whileCut += 1;
        await cold.restart();
        coldStarts += 1;
      },
    });
  const watch = browsersEverySecond(place, browsers);
  const rotated = await Promise.all(kinds.map(rotate));
  // A little longer, so that the last keys have signed more than once.
  await setTimeout(3000);
  const checks = await watch();
  clearInterval(progress);
  cut.stop();
  await load.stop();

  const used = ['restAuthorizer', 'httpAuthorizer'].map(
    (name) => stack.runtime.processes(stack.urls.functions[name] ?? '').length,
  );
  console.log(
    `\nBounds: ring TTL ${bounds.ttl} s, stale maximum ${bounds.stale} s, publish delay ${bounds.publishDelay} s`,
  );
  for (const [index, kind] of kinds.entries()) {
    const { count, idle, withdrawn } = rotated[index] ?? { count: 0, idle: 0, withdrawn: 0 };
    const made = [...credentials.made(kind)].map(([kid, signed]) => `${kid.slice(0, 6)}… ${signed}`);
    console.log(
      `${kind}: ${count} rotations, ${idle} more while a key waited, ${withdrawn} withdrawn and repeated\n` +
        `  signed by each key: ${made.join(', ')}`,
    );
  }
  console.log(
    `Somebody waited for a processor in ${((place.machine.pressure() ?? 0) * 100).toFixed(0)}% of the time\n` +
      `${used[0]} and ${used[1]} authorizer processes behind the APIs; ${coldStarts} cold starts; ` +
      `${cut.count()} times ${cut.lasts / 1000} s without Secrets Manager, ${whileCut} rotations published in them; ` +
      `${checks} looks at browsers from before`,
  );
  report('Under rotation', load, load.tally);
  if (load.perSecond() < 100) flaws.push(`only ${load.perSecond().toFixed(0)} requests a second`);
  for (const browser of browsers) flaws.push(...(await signOut(place, browser)));
}

/** @returns a function that ends it and tells how often it looked */
function browsersEverySecond(place: Place, browsers: Parameters<typeof flawsOf>[1][]): () => Promise<number> {
  const over = new AbortController();
  let looks = 0;
  const first = new Set(browsers.map(({ kid }) => kid));
  const looking = (async () => {
    while (!over.signal.aborted) {
      const { kid } = await place.rings.signer('better-auth');
      for (const browser of browsers) {
        // Nothing to sign anew while the key it signed in with still signs.
        if (first.has(kid)) continue;
        const from = performance.now();
        const found = await flawsOf(place, browser);
        looks += 1;
        const isExcused = place.machine.wasBusy(from, performance.now());
        if (flaws.length < 20 && !isExcused) flaws.push(...found);
      }
      await setTimeout(1000);
    }
  })();
  return async () => {
    over.abort();
    await looking;
    return looks;
  };
}

async function emergency(place: Place, kind: SecretKind, isNextWaiting: boolean): Promise<void> {
  if (isNextWaiting) {
    await place.rings.rotate(kind);
    await setTimeout((bounds.ttl + 1) * 1000);
  }
  say(
    `revoking the key of ${kind} that signs, ${isNextWaiting ? 'while the next waits' : 'with no other to follow'}`,
  );
  const found: Emergency = await revokeSigner(place, kind, perSecond, processes);
  flaws.push(...found.flaws);
  console.log(
    `\nRevoked the key of ${kind} that signs (${isNextWaiting ? 'the next waited' : 'none waited'}): ` +
      `asked ${found.hearing.asked()} times with what it signed\n` +
      `  last accepted: ${moments(found.hearing.lastAccepted)}\n` +
      `  signed again after ${(found.signingAgain / 1000).toFixed(1)} s, ` +
      `accepted by every process that reaches the ring after ${(found.acceptedAgain / 1000).toFixed(1)} s`,
  );
  report('Everybody else meanwhile', undefined, found.others);
}

async function unknownKids(place: Place): Promise<void> {
  say('sending 1,000 tokens that name keys nobody has');
  const { sent, refreshes, allowed, alone, among, rejected } = await sendUnknownKids(place);
  console.log(
    `\n${sent} tokens with random kids: ${refreshes} requests to Secrets Manager, at most ${allowed} allowed; ` +
      `${rejected} wrong answers\n` +
      `  valid requests: median ${alone[0]} ms, 95% ${alone[1]} ms; among them: median ${among[0]} ms, 95% ${among[1]} ms`,
  );
  if (refreshes > allowed) flaws.push(`${refreshes} refreshes`);
  if (rejected > 0) flaws.push(`${rejected} wrong answers among unknown kids`);
}

async function userRevoked(place: Place): Promise<void> {
  say('revoking all that somebody holds');
  const { hearing, minted, flaws: found } = await revokeUser(place);
  flaws.push(...found);
  console.log(
    `\nRevoked a user: last accepted ${moments(hearing.lastAccepted)}\n` +
      `  ${minted} tokens minted meanwhile, all of them refused afterwards`,
  );
}

const moments = (last: ReadonlyMap<string, number>): string =>
  [...last].map(([where, at]) => `${where} ${(Math.max(0, at) / 1000).toFixed(1)} s`).join(', ') || 'never';

function report(title: string, load: Load | undefined, counted: Tally): void {
  const { rows, sent, rejected, excused, first } = counted;
  const head = ['', 'requests', '4xx', '5xx', 'median ms', '99% ms'];
  console.log(print({ head, rows: rows() }));
  const rate = load ? `, ${load.perSecond().toFixed(1)} a second` : '';
  console.log(
    `${title}: ${sent()} requests with valid credentials${rate}; ${rejected()} not answered 2xx, ${excused()} of them 5xx while the machine was busy`,
  );
  for (const line of first()) console.log(`  ${line}`);
  const unexcused = rejected() - excused();
  if (unexcused > 0) flaws.push(`${title}: ${unexcused} valid requests rejected`);
}

say('starting the stack');
const place = await openPlace(bounds, processes);
try {
  await rotations(place);
  await emergency(place, 'extension-token', true);
  await emergency(place, 'better-auth', false);
  await unknownKids(place);
  await userRevoked(place);
} finally {
  await place.stop();
}
for (const flaw of flaws) console.log(`FAILED  ${flaw}`);
console.log(`\n${flaws.length === 0 ? 'All held.' : `${flaws.length} failed.`}`);
process.exitCode = flaws.length === 0 ? 0 : 1;
