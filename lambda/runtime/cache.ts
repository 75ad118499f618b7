import type { Awaitable } from '../core/awaitable.ts';
import type { Lease } from '../core/lease.ts';
import type { Clock } from './clock.ts';
import { recent } from './recent.ts';

/** How often a cache answered, and how often it had to ask. */
export interface Tally {
  readonly hits: () => number;
  readonly misses: () => number;
}

export interface Cache<T> extends Tally {
  /**
   * The cached value, at once, or what `load` finds. One load per key is under way at a time; `undefined` and failures
   * are never kept, so something that was just created is seen at once.
   *
   * @param until told how long the answer stands
   */
  readonly get: (key: string, until: Lease, load: () => Promise<T | undefined>) => Awaitable<T | undefined>;
  /** What a write answered. @param readAt from before it was sent, epoch milliseconds */
  readonly put: (key: string, value: T, readAt: number) => void;
}

interface Entry<T> {
  readonly value: T;
  /** From before the value was read, so that its age bounds how late a change is seen. */
  readonly readAt: number;
}

/** A load that is under way. */
interface Loading<T> {
  readonly readAt: number;
  value: Promise<T | undefined> | undefined;
}

/** A bounded cache in which nothing is older than `ttl` milliseconds. What was not used lately leaves first. */
export function cache<T>(ttl: number, capacity: number, clock: Clock): Cache<T> {
  const entries = recent<Entry<T>>(capacity);
  const loading = new Map<string, Loading<T>>();
  let hits = 0;
  let misses = 0;

  const put = (key: string, value: T, readAt: number): void => {
    if (ttl > 0) entries.set(key, { value, readAt });
  };

  const load = async (
    key: string,
    read: () => Promise<T | undefined>,
    under: Loading<T>,
  ): Promise<T | undefined> => {
    try {
      const value = await read();
      if (value !== undefined) put(key, value, under.readAt);
      return value;
    } finally {
      // Another one was begun since if this one took longer than a value stands.
      if (loading.get(key) === under) loading.delete(key);
    }
  };

  return {
    hits: () => hits,
    misses: () => misses,
    put,
    get(key, until, read) {
      const now = clock();
      const entry = entries.get(key);
      if (entry && now - entry.readAt < ttl) {
        until.endsBy(entry.readAt + ttl);
        hits += 1;
        return entry.value;
      }
      misses += 1;
      const under = loading.get(key);
      if (under?.value && now - under.readAt < ttl) {
        until.endsBy(under.readAt + ttl);
        return under.value;
      }
      until.endsBy(now + ttl);
      const begun: Loading<T> = { readAt: now, value: undefined };
      loading.set(key, begun);
      begun.value = load(key, read, begun);
      return begun.value;
    },
  };
}
