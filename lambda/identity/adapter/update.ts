import type { CleanedWhere } from '@better-auth/core/db/adapter';
import { all, attributesOf, fromWhere, holds, unchanged, visible } from './condition.ts';
import type { Condition } from './condition.ts';
import type { Context } from './context.ts';
import { isExpressible } from './expression.ts';
import type { Change } from './expression.ts';
import { conflict, notUnique, pause } from './failure.ts';
import { find, keyOf, locate } from './find.ts';
import type { Item, Model } from './model.ts';
import { inParallel, inTurn } from './parallel.ts';
import { adjustment, alteration, changedRow, isIndexedChange, withExpiry } from './row-writes.ts';
import type { Outcome } from './write.ts';

/** How often a write is tried again whose row was changed between read and write. */
const ATTEMPTS = 10;

/**
 * Changes one row of the `where`, which is selector and guard in one: it is part of the write's condition.
 *
 * @returns the row as it is after the change; undefined when no row satisfies the `where`
 * @throws {APIError} 422 when a unique value is taken
 */
export async function changeOne(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
  change: Change,
): Promise<Item | undefined> {
  const blind = await changeUnread(context, model, where, change);
  if (blind.settled) return blind.row;
  for await (const rows of find(context, model, where, { likely: 1 })) {
    for (const row of rows) {
      const changed = await changeRow(context, model, row, where, change);
      if (changed !== undefined) return changed;
    }
  }
  return undefined;
}

/** Changes every row of the `where`. @returns how many were changed */
export async function changeMany(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
  change: Change,
): Promise<number> {
  // All are found before the first is changed: a change may move a row into or out of what is being read.
  const rows: Item[] = [];
  for await (const page of find(context, model, where)) rows.push(...page);
  const one = (row: Item): Promise<Item | undefined> => changeRow(context, model, row, where, change);
  const changed = context.deferred ? await inTurn(rows, one) : await inParallel(rows, one);
  return changed.filter((row) => row !== undefined).length;
}

/**
 * The row's key is known from the `where` and nothing that is made of the row's values changes: one request,
 * without reading first. Unsettled where that is not so, or where a remembered key no longer leads there.
 */
async function changeUnread(
  context: Context,
  model: Model,
  where: readonly CleanedWhere[],
  change: Change,
): Promise<{ settled: true; row: Item | undefined } | { settled: false }> {
  const wanted = all(fromWhere(where), visible(model, context.now()));
  if (isIndexedChange(model, change) || !isExpressible(wanted)) return { settled: false };
  const found = await locate(context, model, where);
  if (found === undefined) return { settled: false };
  if (found.key === undefined) return { settled: true, row: undefined };
  const complete = touchesExpiry(model, change) ? withExpiry(model, change.set, change) : change;
  const outcome = await context.writer.apply([adjustment(model, found.key, complete, wanted)]);
  if (outcome.done && outcome.item !== undefined) return { settled: true, row: outcome.item };
  return found.certain ? { settled: true, row: undefined } : { settled: false };
}

function touchesExpiry(model: Model, change: Change): boolean {
  return model.expiry !== undefined && model.expiry.attribute in change.set;
}

/** Changes this row while it satisfies the `where`; undefined as soon as it does not. */
async function changeRow(
  context: Context,
  model: Model,
  read: Item,
  where: readonly CleanedWhere[],
  change: Change,
): Promise<Item | undefined> {
  const key = keyOf(model, read);
  let row: Item | undefined = read;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const wanted = all(fromWhere(where), visible(model, context.now()));
    if (row === undefined || !holds(wanted, row)) return undefined;
    const writes = alteration(model, row, change, guardOf(wanted, row), context.now());
    const outcome = await context.writer.apply(writes);
    if (outcome.done) return outcome.item ?? changedRow(row, change);
    throwIfTaken(model, outcome);
    await pause(attempt);
    row = await context.reader.get(key);
  }
  throw conflict(model.name);
}

/** The condition itself, or where DynamoDB cannot evaluate it, that what it looks at is as it was read. */
export function guardOf(wanted: Condition, row: Item): Condition {
  return isExpressible(wanted) ? wanted : unchanged(attributesOf(wanted), row);
}

/** A refused pointer is a taken value; a refused row has changed since it was read, and is read again. */
function throwIfTaken(model: Model, { failed }: Extract<Outcome, { done: false }>): void {
  if (failed.some(({ kind }) => kind !== 'put')) return;
  const [taken] = failed;
  if (taken !== undefined) throw notUnique(model.name, taken.role.field);
}
