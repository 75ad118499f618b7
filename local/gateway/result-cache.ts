/** Authorizer results by the values they were made from, for a time. */
export interface ResultCache<Result> {
  get(key: string): Result | undefined;
  set(key: string, result: Result, ttlSeconds: number): void;
}

/** More than a local stack ever needs; the oldest goes first. */
const CAPACITY = 1000;

/** @param now epoch milliseconds */
export function createResultCache<Result>(now: () => number = Date.now): ResultCache<Result> {
  const entries = new Map<string, { readonly result: Result; readonly until: number }>();
  return {
    get: (key) => {
      const entry = entries.get(key);
      if (entry && now() < entry.until) return entry.result;
      entries.delete(key);
      return undefined;
    },
    set: (key, result, ttlSeconds) => {
      if (ttlSeconds <= 0) return;
      const oldest = entries.keys().next();
      if (entries.size >= CAPACITY && !oldest.done) entries.delete(oldest.value);
      entries.set(key, { result, until: now() + ttlSeconds * 1000 });
    },
  };
}
