import type { KeyRing, RingKey } from '../secrets/key-ring.ts';
import { digest } from '../store/keys.ts';

/**
 * What verified before, so that verifying it again is one digest and one look-up. Only a signature is
 * remembered, never a decision: time, revocation and membership are asked every time.
 */
export interface Remembered<T> {
  /** What this credential verified to, while every key that signed it is still in the ring. */
  readonly get: (presented: string, ring: () => Promise<KeyRing>, now: number) => Promise<T | undefined>;
  readonly put: (presented: string, value: T, keys: readonly RingKey[]) => void;
}

/** Entries of about half a kilobyte; the least recently used leaves first. */
const capacity = 4096;

export function remembered<T>(): Remembered<T> {
  const entries = new Map<string, { readonly value: T; readonly keys: readonly RingKey[] }>();
  return {
    async get(presented, ring, now) {
      // By digest: a dump of this process's memory would otherwise hold every credential it saw.
      const name = digest(presented);
      const entry = entries.get(name);
      // Without one no ring is needed, and what is malformed is refused while there is none.
      if (!entry) return undefined;
      const { keys } = await ring();
      // Another ring means other key objects: nothing outlives the ring it was verified under.
      if (!entry.keys.every((key) => keys.includes(key) && isVerifying(key, now))) {
        entries.delete(name);
        return undefined;
      }
      entries.delete(name);
      entries.set(name, entry);
      return entry.value;
    },
    put(presented, value, keys) {
      entries.set(digest(presented), { value, keys });
      const [oldest] = entries.keys();
      if (entries.size > capacity && oldest !== undefined) entries.delete(oldest);
    },
  };
}

const isVerifying = ({ verifyUntil }: RingKey, now: number): boolean =>
  verifyUntil === undefined || now < verifyUntil * 1000;
