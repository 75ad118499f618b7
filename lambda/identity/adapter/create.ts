import { plain } from './condition.ts';
import type { Context } from './context.ts';
import { notUnique } from './failure.ts';
import { ALONE } from './keys.ts';
import type { Item, Model } from './model.ts';
import { insertion } from './row-writes.ts';

/**
 * Creates a row with its pointers and edges, all or nothing.
 *
 * @throws {APIError} 422 when the row's key or one of its unique values is taken, 413 over 400 KB
 */
export async function create(context: Context, model: Model, data: Item): Promise<Item> {
  const row = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, plain(value)]));
  if (row['id'] !== undefined && row['id'] !== null) {
    const taken = await insert(context, model, row);
    if (taken !== undefined) throw notUnique(model.name, taken);
    return row;
  }
  // Number ids count up. A number that was once given by hand is taken, and skipped.
  for (;;) {
    const numbered = { ...row, id: await context.next({ pk: `_sequence#${model.name}`, sk: ALONE }) };
    const taken = await insert(context, model, numbered);
    if (taken === undefined) return numbered;
    if (taken !== 'id') throw notUnique(model.name, taken);
  }
}

/** Inserts the row, or says which field's value is taken. */
async function insert(context: Context, model: Model, row: Item): Promise<string | undefined> {
  const outcome = await context.writer.apply(insertion(model, row, context.now()));
  if (outcome.done) return undefined;
  const fields = outcome.failed.map(({ role }) => role.field);
  // A taken value that is not the id would still be taken with another id.
  return fields.find((field) => field !== 'id') ?? fields[0];
}
