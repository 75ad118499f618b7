import type { Clock } from './clock.ts';

/** How often a cache answered, and how often it had to ask. */
export interface Tally {
  readonly hits: () => number;
  readonly misses: () => number;
}

export interface Cache<T> extends Tally {
  /**
   * The cached value, or what `load` finds. One load per key is under way at a time; `undefined` and failures
   * are never kept, so something that was just created is seen at once.
   */
  readonly get: (key: string, load: () => Promise<T | undefined>) => Promise<T | undefined>;
  /** What a write answered. @param readAt from before it was sent, epoch milliseconds */
  readonly put: (key: string, value: T, readAt: number) => void;
}

interface Entry<T> {
  readonly value: T;
  /** From before the value was read, so that its age bounds how late a change is seen. */
  readonly readAt: number;
}

/**
 * A bounded cache in which nothing is older than `ttl` milliseconds. The least recently used entry leaves
 * first: an attacker who presents many credentials costs hits, never memory.
 */
export function cache<T>(ttl: number, capacity: number, clock: Clock): Cache<T> {
  const entries = new Map<string, Entry<T>>();
  const loading = new Map<string, { readonly readAt: number; readonly value: Promise<T | undefined> }>();
  let hits = 0;
  let misses = 0;

  const put = (key: string, value: T, readAt: number): void => {
    if (ttl <= 0) return;
    entries.delete(key);
    entries.set(key, { value, readAt });
    const [oldest] = entries.keys();
    if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
  };

  const load = async (
    key: string,
    read: () => Promise<T | undefined>,
    readAt: number,
  ): Promise<T | undefined> => {
    const value = await read();
    if (value !== undefined) put(key, value, readAt);
    return value;
  };

  return {
    hits: () => hits,
    misses: () => misses,
    put,
    async get(key, read) {
      const now = clock();
      const entry = entries.get(key);
      if (entry && now - entry.readAt < ttl) {
        hits += 1;
        entries.delete(key);
        entries.set(key, entry);
        return entry.value;
      }
      misses += 1;
      const under = loading.get(key);
      if (under && now - under.readAt < ttl) return under.value;
      const value = load(key, read, now);
      loading.set(key, { readAt: now, value });
      try {
        return await value;
      } finally {
        if (loading.get(key)?.value === value) loading.delete(key);
      }
    },
  };
}
