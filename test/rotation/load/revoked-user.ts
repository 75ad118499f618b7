import { setTimeout } from 'node:timers/promises';
import { send } from '../../contract/harness/http.ts';
import { throughIdentity } from './emergency.ts';
import { revoke, type Hearing } from './hearing.ts';
import type { Place } from './place.ts';

export interface RevokedUser {
  readonly hearing: Hearing;
  /** Tokens that were minted after the revocation, by processes that had not heard. */
  readonly minted: number;
  readonly flaws: readonly string[];
}

/**
 * Revokes all that somebody holds, and sees when the last function has heard, and what became of what they had minted
 * until then. The rows of their sessions stay: nothing but the revocation ends them.
 */
export async function revokeUser(place: Place): Promise<RevokedUser> {
  const { credentials, stack, person } = place;
  const { rest } = stack.urls;
  const flaws: string[] = [];
  const minted: Readonly<Record<string, string>>[] = [];
  const held = (['session', 'api_key', 'extension_token'] as const).flatMap(
    (kind) => credentials.next(kind) ?? [],
  );
  for (const { headers } of held) await send(rest, '/v1/whoami', { headers: Object.entries(headers) });

  const hearing = await revoke(place, ['tokens', 'revoke', '--user', person.id], 'user', person.id);
  const { see } = hearing;
  while (!hearing.isOver()) {
    for (const credential of held) {
      const sentAt = Date.now();
      const answer = await send(rest, '/v1/whoami', { headers: Object.entries(credential.headers) });
      see(`authorizer, ${credential.kind}`, answer.status === 200, sentAt);
      if (credential.kind === 'session') await throughIdentity(place, credential, see);
    }
    const sentAt = Date.now();
    const made = await credentials.mint();
    see('issuer', made.credential !== undefined, sentAt);
    if (made.credential) minted.push(made.credential.headers);
    await setTimeout(100);
  }
  for (const token of minted) {
    const { status } = await send(rest, '/v1/whoami', { headers: Object.entries(token) });
    if (status !== 401) flaws.push(`a token minted after the revocation is answered ${status}`);
  }
  return { hearing, minted: minted.length, flaws: [...flaws, ...hearing.flaws] };
}
