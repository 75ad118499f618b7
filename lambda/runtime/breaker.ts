import { Fault, type FaultKind } from '../core/fault.ts';
import type { Clock } from './clock.ts';

/** Consecutive failures after which a dependency is taken to be down. */
const threshold = 5;
/** While it is down, one call in this many milliseconds is let through to see whether it is back. */
const probeInterval = 1000;

export type Breaker = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * Fails at once while a dependency is down, instead of holding every request for its full timeout: a slow
 * dependency would otherwise use up the concurrency of everything in front of it.
 */
export function breaker(kind: FaultKind, name: string, clock: Clock): Breaker {
  let failures = 0;
  let lastAttempt = 0;
  return async (call) => {
    const now = clock();
    if (failures >= threshold && now - lastAttempt < probeInterval) {
      throw new Fault(kind, `${name} is failing; the next attempt is within a second`);
    }
    lastAttempt = now;
    try {
      const result = await call();
      failures = 0;
      return result;
    } catch (cause) {
      failures += 1;
      throw cause instanceof Fault ? cause : new Fault(kind, `${name} did not answer`, { cause });
    }
  };
}
