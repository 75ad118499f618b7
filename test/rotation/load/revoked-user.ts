import { setTimeout } from 'node:timers/promises';
import { member, send } from '../../contract/harness/http.ts';
import { authctl } from './emergency.ts';
import type { Place } from './place.ts';

export interface RevokedUser {
  /** Milliseconds from the end of the command to the last answer as to somebody signed in, by where it was given. */
  readonly lastAccepted: ReadonlyMap<string, number>;
  /** Tokens that were minted after the command, by processes that had not heard. */
  readonly minted: number;
  readonly flaws: readonly string[];
}

/** Milliseconds: the published bound on revocations. */
const bound = 5000;

/** Revokes all that somebody holds, and sees when the last function has heard, and what became of what they got by then. */
export async function revokeUser(place: Place): Promise<RevokedUser> {
  const { credentials, stack, email } = place;
  const { rest } = stack.urls;
  const flaws: string[] = [];
  const lastAccepted = new Map<string, number>();
  const minted: Readonly<Record<string, string>>[] = [];
  const held = (['session', 'api_key', 'extension_token'] as const).map((kind) => credentials.next(kind));
  if (held.some((each) => each === undefined)) throw new Error('a credential is missing');
  const cookie = held[0]?.headers['cookie'] ?? '';

  if ((await authctl(place, 'sessions', 'revoke', '--user', email)) !== 0)
    flaws.push('sessions revoke failed');
  const revokedAt = performance.now();
  const see = (where: string, accepted: boolean): void => {
    const at = performance.now() - revokedAt;
    if (accepted) lastAccepted.set(where, at);
    if (accepted && at > bound) flaws.push(`${where}: still signed in after ${Math.round(at)} ms`);
  };
  while (performance.now() - revokedAt < bound + 3000) {
    for (const each of held) {
      const headers = Object.entries(each?.headers ?? {});
      see(`authorizer, ${each?.kind}`, (await send(rest, '/v1/whoami', { headers })).status === 200);
    }
    const session = await send(rest, '/api/auth/get-session', { headers: [['Cookie', cookie]] });
    see('identity', member(session.body, 'user') !== undefined);
    const { credential } = await credentials.mint();
    see('issuer', credential !== undefined);
    if (credential) minted.push(credential.headers);
    await setTimeout(150);
  }
  for (const token of minted) {
    const { status } = await send(rest, '/v1/whoami', { headers: Object.entries(token) });
    if (status !== 401) flaws.push(`a token minted after the revocation is answered ${status}`);
  }
  return { lastAccepted, minted: minted.length, flaws };
}
