import { BetterAuthError } from '@better-auth/core/error';
import { holds } from './condition.ts';
import { conflict, creationRefused } from './failure.ts';
import { keyId } from './keys.ts';
import type { Key } from './keys.ts';
import { merge } from './merge.ts';
import type { Item } from './model.ts';
import { chunksOf } from './parallel.ts';
import { changedRow } from './row-writes.ts';
import { TRANSACTION_ITEMS } from './table.ts';
import type { Reader, Table, Writer } from './table.ts';
import type { Outcome, Write } from './write.ts';

/** Reads see its own writes; nobody else does before the commit. */
export interface Transaction extends Reader, Writer {
  /**
   * Writes everything that was applied, guarded by what it was decided on.
   *
   * @throws {APIError} 422 when a unique value was taken, 409 when something else was changed meanwhile
   * @throws what a read threw, whoever caught it there: without the answer nobody can know what to write
   */
  commit(): Promise<void>;
}

/**
 * Writes are kept until the commit and then sent as one TransactWriteItems. An item that was read once stays
 * as it was read. There is no lock: what others change meanwhile is found out by the conditions at the
 * commit, so only the commit is tried again, never the work that led to it.
 */
export function openTransaction(table: Table): Transaction {
  const base = new Map<string, Item | undefined>();
  const pending = new Map<string, Write | undefined>();
  const operations: string[][] = [];

  const image = (id: string, before: Item | undefined): Item | undefined => {
    const write = pending.get(id);
    if (write?.kind === 'put') return write.item;
    if (write?.kind === 'delete') return undefined;
    return write?.kind === 'update' && before !== undefined ? changedRow(before, write.change) : before;
  };

  /** What this transaction writes anew or deletes needs no look at what was there. */
  const decided = (key: Key): boolean => ['put', 'delete'].includes(pending.get(keyId(key))?.kind ?? '');

  const keep = (item: Item): Item | undefined => {
    const id = idOf(item);
    if (!base.has(id)) base.set(id, item);
    return image(id, base.get(id));
  };

  let unread: { readonly cause: unknown } | undefined;
  const noting = (cause: unknown): unknown => {
    unread ??= { cause };
    return cause;
  };

  async function load(keys: readonly Key[]): Promise<void> {
    const unknown = keys.filter((key) => !base.has(keyId(key)));
    const [only] = unknown;
    if (only === undefined) return;
    const reading = unknown.length === 1 ? table.get(only).then((item) => [item]) : table.batchGet(unknown);
    const items = await reading.catch((error: unknown) => {
      throw noting(error);
    });
    for (const key of unknown) if (!base.has(keyId(key))) base.set(keyId(key), undefined);
    for (const item of items) if (item !== undefined) base.set(idOf(item), item);
  }

  async function* overlaid(
    pages: AsyncIterable<readonly Item[]>,
    belongs: (pk: string) => boolean,
  ): AsyncGenerator<readonly Item[]> {
    const seen = new Set<string>();
    try {
      for await (const page of pages) {
        for (const item of page) seen.add(idOf(item));
        yield page.map(keep).filter((item) => item !== undefined);
      }
    } catch (error) {
      throw noting(error);
    }
    const added = [...pending].filter(
      ([id, write]) => write?.kind === 'put' && belongs(write.key.pk) && !seen.has(id),
    );
    yield added
      .map(([, write]) => (write?.kind === 'put' ? write.item : undefined))
      .filter((item) => item !== undefined);
  }

  const query = (pk: string, limit?: number): AsyncIterable<readonly Item[]> =>
    overlaid(table.query(pk, limit), (other) => other === pk);

  return {
    async get(key) {
      if (!decided(key)) await load([key]);
      return image(keyId(key), base.get(keyId(key)));
    },
    async batchGet(keys) {
      await load(keys.filter((key) => !decided(key)));
      return keys.map((key) => image(keyId(key), base.get(keyId(key)))).filter((item) => item !== undefined);
    },
    query,
    async count(pk) {
      let count = 0;
      for await (const page of query(pk)) count += page.length;
      return count;
    },
    scan: (prefix) => overlaid(table.scan(prefix), (pk) => pk.startsWith(prefix)),

    async apply(writes): Promise<Outcome> {
      const asked = writes.filter((write) => needsALook(write, pending.has(keyId(write.key))));
      await load(asked.map(({ key }) => key).filter((key) => !decided(key)));
      const before = (write: Write): Item | undefined => image(keyId(write.key), base.get(keyId(write.key)));
      const failed = asked.filter((write) => write.when !== undefined && !holds(write.when, before(write)));
      if (failed.length > 0) return { done: false, failed };
      for (const write of writes) {
        const id = keyId(write.key);
        const earlier = pending.get(id);
        pending.set(id, earlier === undefined ? write : merge(earlier, write, base.get(id)));
      }
      operations.push(writes.map(({ key }) => keyId(key)));
      const [row] = writes;
      const item = row?.kind === 'update' ? before(row) : undefined;
      return item === undefined ? { done: true } : { done: true, item };
    },

    async commit() {
      if (unread !== undefined) throw unread.cause;
      const writes = [...pending.values()].filter((write) => write !== undefined);
      if (writes.length <= TRANSACTION_ITEMS) return commitAll(table, writes);
      refuseParts(writes);
      // Each part is whole operations, in their order: what a row owns has gone before the row.
      const written = new Set<string>();
      const parts = operations.map((operation) =>
        operation.filter((id) => !written.has(id) && written.add(id)).flatMap((id) => pending.get(id) ?? []),
      );
      for (const part of lastFullest(parts)) await commitAll(table, part);
    },
  };
}

/**
 * Parts of up to 100 items, the last as full as can be: as much as possible of what leads to the others goes in one
 * piece.
 */
function lastFullest<T>(groups: readonly (readonly T[])[]): readonly (readonly T[])[] {
  return [...chunksOf(groups.toReversed(), TRANSACTION_ITEMS)].toReversed();
}

/**
 * Decided now where somebody waits for the answer, and again at the commit. A new row with a new id or a
 * secret for its key, edges, and the row's owner are only decided at the commit: looking would cost a request
 * each.
 */
function needsALook({ kind, when, role }: Write, known: boolean): boolean {
  if (when === undefined || role.kind === 'edge') return false;
  if (known) return true;
  if (kind === 'put') return role.field !== 'id' && !role.random;
  return kind !== 'check' && role.kind === 'row';
}

async function commitAll(table: Table, writes: readonly Write[]): Promise<void> {
  const outcome = await table.apply(writes);
  if (outcome.done) return;
  const [first] = outcome.failed;
  throw creationRefused(outcome.failed) ?? conflict(first?.role.model ?? 'row');
}

function refuseParts(writes: readonly Write[]): void {
  if (writes.every(({ kind }) => kind === 'delete' || kind === 'check')) return;
  throw new BetterAuthError(
    `dynamodb adapter: a transaction of ${writes.length} items: DynamoDB commits ${TRANSACTION_ITEMS} at once, and only deletions may go in parts`,
  );
}

function idOf(item: Item): string {
  return keyId({ pk: String(item['pk']), sk: String(item['sk']) });
}
