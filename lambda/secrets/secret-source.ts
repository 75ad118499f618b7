import { Fault } from '../core/fault.ts';
import type { Clock } from '../runtime/clock.ts';
import { parseKeyRing, type KeyRing } from './key-ring.ts';

/** The value of a secret and the version it is, as fetched. @throws when it cannot be fetched */
export type FetchSecret = () => Promise<{ readonly value: string; readonly versionId: string }>;

export interface SecretSource {
  /** The ring, at most `ttl` old, or at most `stale` old while the secret cannot be fetched. */
  readonly ring: () => Promise<KeyRing>;
  /** The ring, if it is here and at most `ttl` old; asks nobody. */
  readonly current: () => KeyRing | undefined;
  /**
   * The ring after having asked again, for a signature that no key verifies: at most once in 10 s, and not within
   * a second of any other request, else what is there. Without the limit, tokens with random `kid`s would become
   * requests to Secrets Manager. While the secret cannot be fetched it is a fault: the key may be one that was
   * published since, and who is told that a signature is wrong throws the credential away.
   */
  readonly refreshed: () => Promise<KeyRing>;
  /** The last fetch failed, or what it brought was no ring; what is served is an older ring. */
  readonly isStale: () => boolean;
}

export interface SecretLimits {
  /** Milliseconds a ring is served without asking again. */
  readonly ttl: number;
  /** Milliseconds a ring is served when asking again fails. */
  readonly stale: number;
}

const forcedRefreshInterval = 10_000;
/** While the secret cannot be fetched, how often to try again; and how old a ring is that is worth asking again for. */
const retryInterval = 1000;

/**
 * A cached key ring. One fetch at a time; a failure leaves the last good ring in place until it is too old.
 *
 * @param onFailure told of every fetch that failed or brought no ring. @default nobody is
 * @throws {Fault} `secret` from its methods when there is no ring young enough
 */
export function secretSource(
  fetch: FetchSecret,
  { ttl, stale }: SecretLimits,
  clock: Clock,
  onFailure: () => void = () => {},
): SecretSource {
  let good: { readonly ring: KeyRing; readonly fetchedAt: number } | undefined;
  let attemptedAt = Number.NEGATIVE_INFINITY;
  let forcedAt = Number.NEGATIVE_INFINITY;
  let failed = false;
  let fetching: Promise<void> | undefined;

  const load = async (now: number): Promise<void> => {
    try {
      const { value, versionId } = await fetch();
      const ring = parseKeyRing(value, versionId);
      if (!ring) throw new Fault('secret', 'The secret holds no key ring');
      good = { ring, fetchedAt: now };
      failed = false;
    } catch {
      // The cause may quote the secret (a JSON error does): it goes nowhere. `isStale` tells operators.
      failed = true;
      onFailure();
    }
  };

  const fetchOnce = (now: number): Promise<void> => {
    attemptedAt = now;
    fetching ??= load(now).finally(() => {
      fetching = undefined;
    });
    return fetching;
  };

  const serve = (): KeyRing => {
    if (good && clock() - good.fetchedAt < Math.max(ttl, stale)) return good.ring;
    throw new Fault('secret', 'No key ring could be loaded');
  };

  return {
    isStale: () => failed,
    current: () => (good && clock() - good.fetchedAt < ttl ? good.ring : undefined),
    async ring() {
      const now = clock();
      const fresh = good && now - good.fetchedAt < ttl;
      if (fresh || (failed && now - attemptedAt < retryInterval)) return serve();
      const joined = fetching;
      await fetchOnce(now);
      // A fetch begun before Lambda froze the process ends as a timeout on thawing: not this request's fault.
      if (joined && failed) await fetchOnce(clock());
      return serve();
    },
    async refreshed() {
      const now = clock();
      // Who comes while it is asked waits for the answer: its key may be in it.
      if (fetching) await fetching;
      else if (now - forcedAt >= forcedRefreshInterval && now - attemptedAt >= retryInterval) {
        forcedAt = now;
        await fetchOnce(now);
      }
      if (failed) throw new Fault('secret', 'No newer key ring could be loaded');
      return serve();
    },
  };
}
