import {
  signingKey,
  verificationKeys,
  type KeyRing,
  type RingKey,
} from '../../../lambda/secrets/key-ring.ts';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { currentVersion, versionsOf, type Secret, type Version } from './secret.ts';

/** A key by its name and times: never `k`. */
export interface KeyStatus {
  readonly kid: string;
  readonly state: 'signs' | 'waits' | 'verifies' | 'expired' | 'revoked';
  readonly signFrom: string;
  /** Seconds since `signFrom`, negative before it. Absent for a key carried over from a plain string. */
  readonly age?: number;
  readonly verifyUntil?: string;
}

export interface SecretStatus {
  readonly secret: SecretKind;
  readonly version: string;
  readonly keys: readonly KeyStatus[];
  readonly versions: readonly Version[];
}

export interface Status {
  readonly secrets: readonly SecretStatus[];
  /** What an operator has to do something about. */
  readonly warnings: readonly string[];
}

/** What both rings are like now, and what is wrong with them. */
export async function statusOf(
  secrets: readonly Secret[],
  isKeyRevoked: (kid: string) => Promise<boolean>,
  clock: Clock,
): Promise<Status> {
  const read = await Promise.all(
    secrets.map(async (secret) => {
      const [{ version, ring = { keys: [] } }, versions] = await Promise.all([
        // A value that is no ring still has versions, one of which is to be brought back.
        currentVersion(secret),
        versionsOf(secret),
      ]);
      const flags = await Promise.all(ring.keys.map(({ kid }) => isKeyRevoked(kid)));
      const revoked = new Set(ring.keys.filter((_, index) => flags[index]).map(({ kid }) => kid));
      return { kind: secret.kind, version, versions, ring, revoked };
    }),
  );
  const now = clock();
  const status = read.map(({ kind, version, versions, ring, revoked }) => {
    const signer = signerOf(ring, revoked, now);
    const keys = ring.keys.map((key) => keyStatus(key, stateOf(key, ring, signer, revoked, now), now));
    return { secret: kind, version, keys, versions };
  });
  return {
    secrets: status,
    warnings: [
      ...shared(read.map(({ ring }) => ring)),
      ...status.flatMap(({ secret, keys }) => flawsOf(secret, keys)),
    ],
  };
}

/** As functions choose it (signer.ts): when the signing key is revoked, the next one signs before its time. */
function signerOf(ring: KeyRing, revoked: ReadonlySet<string>, now: number): RingKey | undefined {
  const last = signingKey(ring, now);
  if (!last || !revoked.has(last.kid)) return last;
  return verificationKeys(ring, now).find(
    ({ kid, signFrom }) => signFrom > last.signFrom && !revoked.has(kid),
  );
}

function stateOf(
  key: RingKey,
  ring: KeyRing,
  signer: RingKey | undefined,
  revoked: ReadonlySet<string>,
  now: number,
): KeyStatus['state'] {
  if (revoked.has(key.kid)) return 'revoked';
  if (!verificationKeys(ring, now).includes(key)) return 'expired';
  if (key === signer) return 'signs';
  return key.signFrom * 1000 > now ? 'waits' : 'verifies';
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

const keyStatus = (
  { kid, signFrom, verifyUntil }: RingKey,
  state: KeyStatus['state'],
  now: number,
): KeyStatus => ({
  kid,
  state,
  signFrom: iso(signFrom),
  ...(signFrom === 0 ? {} : { age: Math.floor(now / 1000) - signFrom }),
  ...(verifyUntil === undefined ? {} : { verifyUntil: iso(verifyUntil) }),
});

/** A key in both rings would let whoever signs with one secret speak as the other. Compared here, never shown. */
function shared([one, other]: readonly KeyRing[]): readonly string[] {
  const both = one?.keys.filter(({ k }) => other?.keys.some((key) => key.k === k)) ?? [];
  return both.map(({ kid }) => `Key ${kid} is in both secrets: rotate both, then revoke its names in each.`);
}

function flawsOf(secret: SecretKind, keys: readonly KeyStatus[]): readonly string[] {
  if (keys.length === 0)
    return [`The current version of ${secret} holds no key ring: make the last good one current again.`];
  return [
    ...(keys.some(({ state }) => state === 'signs') ? [] : [`No key of ${secret} signs: rotate it.`]),
    ...keys
      .filter(({ state }) => state === 'revoked')
      .map(({ kid }) => `Key ${kid} is revoked and still in ${secret}: secrets revoke ${kid} takes it out.`),
  ];
}
