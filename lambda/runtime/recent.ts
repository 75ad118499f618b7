/**
 * A bounded map that forgets what was not asked for lately. Two generations instead of an order: looking a value up
 * moves nothing, unless it was about to be forgotten. An attacker who presents many credentials costs hits, never
 * memory.
 */
export interface Recent<T> {
  readonly get: (name: string) => T | undefined;
  readonly set: (name: string, value: T) => void;
}

/** @param capacity most values kept; at least the half of it that was used last is */
export function recent<T>(capacity: number): Recent<T> {
  const half = Math.max(1, Math.floor(capacity / 2));
  let young = new Map<string, T>();
  let old = new Map<string, T>();

  const set = (name: string, value: T): void => {
    if (young.size >= half && !young.has(name)) {
      old = young;
      young = new Map();
    }
    young.set(name, value);
  };

  return {
    set,
    get(name) {
      const value = young.get(name);
      if (value !== undefined) return value;
      const aged = old.get(name);
      if (aged === undefined) return undefined;
      old.delete(name);
      set(name, aged);
      return aged;
    },
  };
}
