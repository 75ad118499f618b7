import { plain } from './condition.ts';
import type { Context } from './context.ts';
import { conflict, creationRefused } from './failure.ts';
import { ALONE } from './keys.ts';
import type { Item, Model } from './model.ts';
import { insertion } from './row-writes.ts';

/**
 * Creates a row with its pointers and edges, all or nothing.
 *
 * @throws {APIError} 422 when the row's key or one of its unique values is taken or its owner does not exist,
 *   413 over 400 KB
 */
export async function create(context: Context, model: Model, data: Item): Promise<Item> {
  const row = Object.fromEntries(Object.entries(data).map(([name, value]) => [name, plain(value)]));
  if (row['id'] !== undefined && row['id'] !== null) {
    const outcome = await context.writer.apply(insertion(model, row, context.now()));
    if (outcome.done) return row;
    throw creationRefused(outcome.failed) ?? conflict(model.name);
  }
  // Number ids count up. A number that was once given by hand is taken, and skipped.
  for (;;) {
    const numbered = { ...row, id: await context.next({ pk: `_sequence#${model.name}`, sk: ALONE }) };
    const outcome = await context.writer.apply(insertion(model, numbered, context.now()));
    if (outcome.done) return numbered;
    // Whatever else is refused would be refused with any other number too.
    const others = outcome.failed.filter(({ kind, role }) => kind !== 'put' || role.field !== 'id');
    if (others.length > 0) throw creationRefused(others) ?? conflict(model.name);
  }
}
