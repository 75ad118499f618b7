import { Fault } from '../core/fault.ts';
import type { Clock } from '../runtime/clock.ts';
import { signingKey, verificationKeys, type KeyRing, type RingKey } from './key-ring.ts';
import type { SecretSource } from './secret-source.ts';

/** What a function that signs may use now. Revoked keys are in neither. */
export interface Signing {
  readonly key: RingKey;
  /** Keys under which what was signed before still verifies, the signing key among them. */
  readonly verification: readonly RingKey[];
}

/**
 * Signs with a ring from which operators may revoke keys. When no key of it may sign, what was revoked has been
 * replaced, or soon is: the ring is then asked for again, at most once in 10 s, and not only after its time.
 *
 * @param isKeyRevoked known as of REVOCATION_TTL_SECONDS ago at most, or a fault
 * @throws {Fault} `secret` when there is no ring, or no key in it may sign
 */
export function signer(
  source: Pick<SecretSource, 'ring' | 'refreshed'>,
  isKeyRevoked: (kid: string) => Promise<boolean>,
  clock: Clock,
): () => Promise<Signing> {
  const signingWith = (ring: KeyRing): Promise<Signing | undefined> =>
    signingNow(ring, isKeyRevoked, clock());
  return async () => {
    const signing = (await signingWith(await source.ring())) ?? (await signingWith(await source.refreshed()));
    if (!signing) throw new Fault('secret', 'No key of the ring may sign now');
    return signing;
  };
}

async function signingNow(
  ring: KeyRing,
  isKeyRevoked: (kid: string) => Promise<boolean>,
  now: number,
): Promise<Signing | undefined> {
  const flags = await Promise.all(ring.keys.map(({ kid }) => isKeyRevoked(kid)));
  const revoked = new Set(ring.keys.filter((_, index) => flags[index]).map(({ kid }) => kid));
  const key = unrevokedSigningKey(ring, revoked, now);
  return key && { key, verification: verificationKeys(ring, now).filter(({ kid }) => !revoked.has(kid)) };
}

/**
 * When the signing key is revoked, the next one signs at once, before its time: verifiers that have not seen it
 * ask again when they meet its name. Never an older one: what it signs now could outlive its `verifyUntil`.
 */
function unrevokedSigningKey(ring: KeyRing, revoked: ReadonlySet<string>, now: number): RingKey | undefined {
  const signing = signingKey(ring, now);
  if (!signing || !revoked.has(signing.kid)) return signing;
  return verificationKeys(ring, now).find(
    ({ kid, signFrom }) => signFrom > signing.signFrom && !revoked.has(kid),
  );
}
