import { clockSkew } from '../../../lambda/credentials/extension-claims.ts';
import { lifetimes } from '../../../lambda/rotation/lifetimes.ts';
import { overlapFlaw } from '../../../lambda/rotation/overlap.ts';
import type { Config, SecretKind } from '../../../lambda/runtime/config.ts';
import { kidPattern, signingKey, type KeyRing } from '../../../lambda/secrets/key-ring.ts';
import { rotate } from '../../../lambda/secrets/ring-rotation.ts';
import { revocationKey } from '../../../lambda/store/keys.ts';
import { revocations } from '../../../lambda/store/revocations.ts';
import { CommandFailure } from '../failure.ts';
import type { Operator } from '../operator.ts';
import { revokeKid } from '../revocation.ts';
import { publish } from './publish.ts';
import { currentRing, type Secret } from './secret.ts';

export interface RevokedKid {
  readonly kid: string;
  readonly revoked: true;
  /** Secrets whose ring held it. */
  readonly secrets: readonly {
    readonly secret: SecretKind;
    /** Published without it. */
    readonly version: string;
    /** It was the one that signed. */
    readonly signed: boolean;
    /** What signs from now on. */
    readonly signer: string;
  }[];
}

/** Another publication may come between reading and publishing: a rotation, another operator. */
const attempts = 5;

/**
 * Revokes a signing key for good. First the item, which every function reads within REVOCATION_TTL_SECONDS and for
 * which Secrets Manager is not needed; then the ring without it. Safe to repeat.
 *
 * @throws {CommandFailure} `not_found`: no ring has it; `unavailable`: it is revoked, but still in the ring
 */
export async function revokeSigningKey(
  operator: Operator,
  config: Config,
  secrets: readonly Secret[],
  kid: string,
): Promise<RevokedKid> {
  if (!kidPattern.test(kid)) throw new CommandFailure('not_found', 'No ring has a key of this name.');
  const known = await operator.table.get(revocationKey('kid', kid));
  const read = await Promise.allSettled(secrets.map((secret) => currentRing(secret)));
  const holding = secrets.filter((_, index) => {
    const each = read[index];
    return each?.status === 'fulfilled' && each.value.ring.keys.some((key) => key.kid === kid);
  });
  const unread = read.filter(({ status }) => status === 'rejected').length;
  if (holding.length === 0 && unread === 0 && !known)
    throw new CommandFailure('not_found', 'No ring has a key of this name.');

  await revokeKid(operator, kid);
  if (unread > 0 && holding.length === 0)
    throw new CommandFailure(
      'unavailable',
      'The name is revoked and refused from now on, but not every ring could be read: repeat this command then.',
    );
  const published = [];
  for (const secret of holding) published.push(await withdraw(operator, config, secret, kid));
  return { kid, revoked: true, secrets: published };
}

async function withdraw(operator: Operator, config: Config, secret: Secret, kid: string) {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const { version: before, ring } = await currentRing(secret);
    const signed = signingKey(ring, operator.clock())?.kid === kid;
    const next = await ringWithout(operator, config, secret.kind, ring);
    const version = await publish(secret, next, before);
    const signer = signingKey(next, operator.clock())?.kid ?? '';
    if (version !== undefined) return { secret: secret.kind, version, signed, signer };
  }
  throw new CommandFailure(
    'failed',
    'The key is revoked and refused from now on, but somebody kept publishing: repeat this command.',
  );
}

/** The next ring, as a rotation makes it, without any key that is revoked; never one that logs out somebody else. */
async function ringWithout(
  { table, clock }: Operator,
  { ttl }: Config,
  kind: SecretKind,
  ring: KeyRing,
): Promise<KeyRing> {
  const { isKeyRevoked } = revocations(table, 0, clock);
  const flags = await Promise.all(ring.keys.map(({ kid }) => isKeyRevoked(kid)));
  const options = {
    now: clock(),
    revoked: new Set(ring.keys.filter((_, index) => flags[index]).map(({ kid }) => kid)),
    publishDelay: ttl.keyRingPublish,
    longestLifetime: lifetimes[kind],
    skew: clockSkew,
  };
  const next = rotate(ring, options).ring;
  const flaw = overlapFlaw(ring, next, { ...options, oldestRing: ttl.keyRing + ttl.keyRingStale });
  if (flaw === undefined) return next;
  throw new CommandFailure('failed', `The key is revoked, but no ring without it fits: ${flaw}.`);
}
