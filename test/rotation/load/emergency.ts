import { setTimeout } from 'node:timers/promises';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import { member, send } from '../../contract/harness/http.ts';
import type { Credential, Made } from './credentials.ts';
import { revoke, type Hearing } from './hearing.ts';
import { startLoad } from './load.ts';
import type { Place } from './place.ts';
import type { Tally } from './tally.ts';

export interface Emergency {
  readonly hearing: Hearing;
  /** Milliseconds from the revocation until the stack signed again, and until all that reach the ring accept it. */
  readonly signingAgain: number;
  readonly acceptedAgain: number;
  /** What came of everybody else's credentials meanwhile. */
  readonly others: Tally;
  readonly flaws: readonly string[];
}

const kindOf = { 'extension-token': 'extension_token', 'better-auth': 'session' } as const;

/** Revokes the key that signs, while one process has lost Secrets Manager, and sees when the last process refuses. */
export async function revokeSigner(
  place: Place,
  kind: SecretKind,
  perSecond: number,
  concurrency: number,
): Promise<Emergency> {
  const { rings, credentials, gate, cold, cutOff } = place;
  const { kid } = await rings.signer(kind);
  const victims = credentials.all(kindOf[kind]).filter((each) => each.kid === kid);
  const [victim] = victims;
  if (!victim) throw new Error(`nothing was signed with ${kid}`);
  for (const process of [cold, cutOff]) await process.ask(victim);
  credentials.forget(kid);
  const load = startLoad(place, perSecond, { signing: false });
  await setTimeout(1000);
  gate.isOpen = false;

  const hearing = await revoke(place, ['secrets', 'revoke', kid], 'kid', kid);
  const flaws: string[] = [];
  const signs = kind === 'extension-token' ? credentials.mint : credentials.signIn;
  const again = signsAgain(place, signs, hearing.revokedAt, concurrency);
  const beside = async (where: string, process: Place['cold']): Promise<void> => {
    const sentAt = Date.now();
    hearing.see(where, (await process.ask(victim)).status === 200, sentAt);
  };
  while (!hearing.isOver()) {
    const sweep = [
      ...Array.from({ length: concurrency }, () => throughApis(place, victim, hearing.see)).flat(),
      beside('process that starts cold', cold),
      beside('process cut off', cutOff),
      ...(kind === 'better-auth' ? [throughIdentity(place, victim, hearing.see)] : []),
    ];
    await Promise.all([...sweep, setTimeout(150)]);
    // Down for as long as the revocation may take to be seen, and shorter than rings may be stale.
    if (hearing.isPastBound()) gate.isOpen = true;
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
  for (const each of victims) await Promise.all(throughApis(place, each, hearing.see));
  return { hearing, ...healed, others: load.tally, flaws: [...flaws, ...hearing.flaws] };
}

type See = Hearing['see'];

const throughApis = (
  { stack: { urls } }: Pick<Place, 'stack'>,
  { headers }: Credential,
  see: See,
): readonly Promise<void>[] =>
  [
    ['REST API', urls.rest],
    ['HTTP API', urls.http ?? ''],
  ].map(async ([where = '', base = '']) => {
    const sentAt = Date.now();
    const { status } = await send(base, '/v1/whoami', { headers: Object.entries(headers) });
    see(where, status === 200, sentAt);
  });

export async function throughIdentity(
  { stack: { urls } }: Pick<Place, 'stack'>,
  { headers }: Credential,
  see: See,
): Promise<void> {
  const sentAt = Date.now();
  const { body } = await send(urls.rest, '/api/auth/get-session', { headers: Object.entries(headers) });
  see('identity', member(body, 'user') !== undefined, sentAt);
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
  const signingAgain = Date.now() - since;
  for (let refused = true; refused; await setTimeout(50)) {
    refused = (await place.cold.ask(credential)).status !== 200;
    const see: See = (_, accepted) => (refused ||= !accepted);
    await Promise.all(Array.from({ length: concurrency }, () => throughApis(place, credential, see)).flat());
  }
  return { signingAgain, acceptedAgain: Date.now() - since };
}
