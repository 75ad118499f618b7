import { keyId } from './keys.ts';
import type { Key } from './keys.ts';
import type { Model } from './model.ts';
import type { Reader, Writer } from './table.ts';

/** What every operation works on: the table itself, or a transaction on it. */
export interface Context {
  readonly reader: Reader;
  readonly writer: Writer;
  /** Writes wait for a commit: what holds now may not hold then. */
  readonly deferred: boolean;
  readonly models: ReadonlyMap<string, Model>;
  readonly hints: Hints;
  /** Does the work once the writes so far are in the table: now, or after the commit. */
  settled(work: (context: Context) => Promise<void>): Promise<void>;
  /** Epoch milliseconds. */
  now(): number;
  next(key: Key): Promise<number>;
  readonly allowScan: boolean;
}

/** Where pointers led, bounded. Never trusted: whoever follows one checks the row it leads to. */
export interface Hints {
  get(pointer: Key): Key | undefined;
  set(pointer: Key, row: Key): void;
}

const MOST_HINTS = 1000;

export function createHints(): Hints {
  const rows = new Map<string, Key>();
  return {
    get: (pointer) => rows.get(keyId(pointer)),
    set: (pointer, row) => {
      const id = keyId(pointer);
      rows.delete(id);
      rows.set(id, row);
      const [oldest] = rows.keys();
      if (rows.size > MOST_HINTS && oldest !== undefined) rows.delete(oldest);
    },
  };
}
