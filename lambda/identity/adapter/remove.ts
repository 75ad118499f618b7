import type { CleanedWhere } from '@better-auth/core/db/adapter';
import { ABSENT, EXISTS, all, any, fromWhere, holds, unchanged, visible } from './condition.ts';
import type { Condition } from './condition.ts';
import type { Context } from './context.ts';
import { conflict, pause } from './failure.ts';
import { find, keyOf } from './find.ts';
import { keyId } from './keys.ts';
import type { Item, Model } from './model.ts';
import { inParallel, inTurn } from './parallel.ts';
import { isSweep } from './plan.ts';
import { removal } from './row-writes.ts';
import { TRANSACTION_ITEMS } from './table.ts';
import { guardOf } from './update.ts';
import type { Write } from './write.ts';

const ATTEMPTS = 10;

/**
 * Deletes every row of the `where`, expired ones too, each with its pointers, its edges and all it owns:
 * what it owns first, the row itself last. Whoever is stopped midway can start again: for as long as there is
 * anything left, the row that leads to it is there.
 *
 * @returns how many rows of this model this call deleted
 */
export async function removeMany(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
): Promise<number> {
  if (isSweep(model, where, context.now())) return 0;
  let count = 0;
  let found = false;
  for await (const rows of find(context, model, where, { expired: true })) {
    found = true;
    for (const row of rows) await removeOwned(context, model, row);
    count += await removeRows(context, model, rows, fromWhere(where));
    // What somebody created for a row before it was gone must not outlive it; afterwards nobody can.
    await context.settled(async (settled) => {
      for (const row of rows) await removeOwned(settled, model, row);
    });
  }
  // Somebody was stopped after the row and before that last look: starting again takes it.
  const [only] = where;
  if (!found && where.length === 1 && only?.field === 'id')
    await removeOwned(context, model, { id: only.value });
  return count;
}

/**
 * Deletes one row of the `where` and returns it as it was: of many who try, one gets it.
 *
 * @returns undefined when no row satisfies the `where`
 */
export async function consumeOne(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
): Promise<Item | undefined> {
  for await (const rows of find(context, model, where, { likely: 1 })) {
    for (const row of rows) {
      const consumed = await consumeRow(context, model, row, where);
      if (consumed === undefined) continue;
      await removeOwned(context, model, consumed);
      return consumed;
    }
  }
  return undefined;
}

async function consumeRow(
  context: Context,
  model: Model,
  read: Item,
  where: readonly CleanedWhere[],
): Promise<Item | undefined> {
  let row: Item | undefined = read;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const wanted = all(fromWhere(where), visible(model, context.now()));
    if (row === undefined || !holds(wanted, row)) return undefined;
    // The row returned is the row deleted: to the last attribute.
    const guard = all(EXISTS, unchanged(model.attributes, row));
    const { done } = await context.writer.apply(removal(model, row, guard));
    if (done) return row;
    await pause(attempt);
    row = await context.reader.get(keyOf(model, read));
  }
  throw conflict(model.name);
}

async function removeOwned(context: Context, model: Model, row: Item): Promise<void> {
  for (const { model: name, by } of model.owns) {
    const child = context.models.get(name);
    const field =
      child === undefined
        ? undefined
        : [...child.lists, child.row.partition].find((each) => each.name === by);
    if (child === undefined || field === undefined) continue;
    const id = row['id'];
    if (typeof id !== 'string' && typeof id !== 'number') continue;
    const where: CleanedWhere = {
      field: field.attribute,
      value: id,
      operator: 'eq',
      connector: 'AND',
      mode: 'sensitive',
    };
    await removeMany(context, child, [where]);
  }
}

/** Deletes these rows while they satisfy the condition, as many in one transaction as it may have. */
async function removeRows(
  context: Context,
  model: Model,
  rows: readonly Item[],
  wanted: Condition,
): Promise<number> {
  const remove = async (pack: readonly Pack[]): Promise<number> => {
    const outcome = await context.writer.apply(pack.flatMap(({ writes }) => writes));
    if (outcome.done) return pack.length;
    let count = 0;
    for (const { row } of pack) count += await removeRow(context, model, row, wanted);
    return count;
  };
  const parts = [...packs(rows, (row) => deletion(context, model, row, wanted))];
  const counts = context.deferred ? await inTurn(parts, remove) : await inParallel(parts, remove);
  return counts.reduce((sum, count) => sum + count, 0);
}

/** One row alone, read again as often as somebody else changes it. @returns 1 if it was we who deleted it */
async function removeRow(context: Context, model: Model, read: Item, wanted: Condition): Promise<number> {
  const lost = new Set<string>();
  let row: Item | undefined = read;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (row === undefined || !holds(wanted, row)) return 0;
    const writes = deletion(context, model, row, wanted).filter(({ key }) => !lost.has(keyId(key)));
    const outcome = await context.writer.apply(writes);
    if (outcome.done) return 1;
    // A pointer that is another row's by now: this one had expired, and its value was free to take.
    for (const { key, role } of outcome.failed) if (role.kind === 'pointer') lost.add(keyId(key));
    await pause(attempt);
    row = await context.reader.get(keyOf(model, read));
  }
  throw conflict(model.name);
}

function deletion(context: Context, model: Model, row: Item, wanted: Condition): readonly Write[] {
  const writes = removal(model, row, guardOf(wanted, row));
  // By the time a transaction is committed somebody else may have deleted the row: all the better.
  return context.deferred ? writes.map(tolerant) : writes;
}

function tolerant(write: Write): Write {
  return write.role.kind !== 'row' || write.when === undefined
    ? write
    : { ...write, when: any(ABSENT, write.when) };
}

interface Pack {
  readonly row: Item;
  readonly writes: readonly Write[];
}

function* packs(
  rows: readonly Item[],
  writesOf: (row: Item) => readonly Write[],
): Generator<readonly Pack[]> {
  let pack: Pack[] = [];
  let size = 0;
  for (const row of rows) {
    const writes = writesOf(row);
    if (size + writes.length > TRANSACTION_ITEMS) {
      yield pack;
      pack = [];
      size = 0;
    }
    pack.push({ row, writes });
    size += writes.length;
  }
  if (pack.length > 0) yield pack;
}
