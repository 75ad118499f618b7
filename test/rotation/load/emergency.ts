import { setTimeout } from 'node:timers/promises';
import { run } from '../../../bin/authctl/program.ts';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import { member, send } from '../../contract/harness/http.ts';
import type { Credential, Made } from './credentials.ts';
import { startLoad } from './load.ts';
import type { Place } from './place.ts';
import type { Tally } from './tally.ts';

export interface Emergency {
  /** Requests with what the key had signed, after it was revoked. */
  readonly asked: number;
  /** Milliseconds from the end of the command to the last one that was accepted, by who accepted it. */
  readonly lastAccepted: ReadonlyMap<string, number>;
  /** Milliseconds from the end of the command until the stack signed again, and until all that reach the ring accept it. */
  readonly signingAgain: number;
  readonly acceptedAgain: number;
  /** What came of everybody else's credentials meanwhile. */
  readonly others: Tally;
  readonly flaws: readonly string[];
}

/** Milliseconds: the published bound on revocations. */
const bound = 5000;
const kindOf = { 'extension-token': 'extension_token', 'better-auth': 'session' } as const;

export async function authctl(
  { directory }: Pick<Place, 'directory'>,
  ...args: readonly string[]
): Promise<number> {
  return run(args, {
    out: () => {},
    err: () => {},
    clock: Date.now,
    directory,
    readInput: async () => '',
  });
}

/** Revokes the key that signs, while one process has lost Secrets Manager, and sees when the last process refuses. */
export async function revokeSigner(
  place: Place,
  kind: SecretKind,
  perSecond: number,
  concurrency: number,
): Promise<Emergency> {
  const { rings, credentials, gate, cold, cutOff, stack } = place;
  const { kid } = await rings.signer(kind);
  const victims = credentials.all(kindOf[kind]).filter((each) => each.kid === kid);
  const [victim] = victims;
  if (!victim) throw new Error(`nothing was signed with ${kid}`);
  for (const process of [cold, cutOff]) await process.ask(victim);
  credentials.forget(kid);
  const load = startLoad(place, perSecond, { signing: false });
  await setTimeout(1000);
  gate.isOpen = false;

  const flaws: string[] = [];
  if ((await authctl(place, 'secrets', 'revoke', kid)) !== 0) flaws.push('secrets revoke failed');
  const revokedAt = performance.now();
  const lastAccepted = new Map<string, number>();
  let asked = 0;
  const see = (where: string, accepted: boolean): void => {
    asked += 1;
    const at = performance.now() - revokedAt;
    if (accepted) lastAccepted.set(where, at);
    if (accepted && at > bound) flaws.push(`${where} accepts what ${kid} signed ${Math.round(at)} ms later`);
  };
  const signs = kind === 'extension-token' ? credentials.mint : credentials.signIn;
  const again = signsAgain(place, signs, revokedAt, concurrency);
  while (performance.now() - revokedAt < bound + 3000) {
    const sweep = [
      ...Array.from({ length: concurrency }, () => throughApis(place, victim, see)).flat(),
      cold.ask(victim).then(({ status }) => see('process that starts cold', status === 200)),
      cutOff.ask(victim).then(({ status }) => see('process cut off', status === 200)),
      ...(kind === 'better-auth' ? [throughIdentity(place, victim, see)] : []),
    ];
    await Promise.all([...sweep, setTimeout(150)]);
    // Down for as long as the revocation may take to be seen, and shorter than rings may be stale.
    if (performance.now() - revokedAt > bound) gate.isOpen = true;
  }
  const healed = await again;

  // Nothing it signed ever again: not for a process that starts, and not after the next rotation.
  await cold.restart();
  const started = await cold.ask(victim);
  if (started.status !== 401) flaws.push(`a process that starts answers ${started.status}`);
  await rings.rotate(kind);
  const ring = await rings.current(kind);
  if (ring.keys.some((key) => key.kid === kid)) flaws.push('a rotation brought the key back');
  await load.stop();
  for (const each of victims) await Promise.all(throughApis({ stack }, each, see));
  return { asked, lastAccepted, ...healed, others: load.tally, flaws };
}

type See = (where: string, accepted: boolean) => void;

const throughApis = (
  { stack: { urls } }: Pick<Place, 'stack'>,
  { headers }: Credential,
  see: See,
): readonly Promise<void>[] =>
  [
    ['REST API', urls.rest],
    ['HTTP API', urls.http ?? ''],
  ].map(async ([where = '', base = '']) => {
    const { status } = await send(base, '/v1/whoami', { headers: Object.entries(headers) });
    see(where, status === 200);
  });

async function throughIdentity(
  { stack: { urls } }: Pick<Place, 'stack'>,
  { headers }: Credential,
  see: See,
): Promise<void> {
  const { body } = await send(urls.rest, '/api/auth/get-session', { headers: Object.entries(headers) });
  see('identity', member(body, 'user') !== undefined);
}

/** What is signed anew is kept back: a process that has lost Secrets Manager cannot know its key. */
async function signsAgain(
  place: Place,
  sign: () => Promise<Made>,
  since: number,
  concurrency: number,
): Promise<Pick<Emergency, 'signingAgain' | 'acceptedAgain'>> {
  let made = await sign();
  for (; !made.credential; made = await sign()) await setTimeout(100);
  const { credential } = made;
  place.credentials.forget(credential.kid);
  const signingAgain = performance.now() - since;
  for (let refused = true; refused; await setTimeout(50)) {
    refused = (await place.cold.ask(credential)).status !== 200;
    const see: See = (_, accepted) => (refused ||= !accepted);
    await Promise.all(Array.from({ length: concurrency }, () => throughApis(place, credential, see)).flat());
  }
  return { signingAgain, acceptedAgain: performance.now() - since };
}
