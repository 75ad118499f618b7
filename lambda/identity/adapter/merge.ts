import { all, attributesOf, unchanged } from './condition.ts';
import type { Condition } from './condition.ts';
import type { Change } from './expression.ts';
import type { Item } from './model.ts';
import { changedRow } from './row-writes.ts';
import type { Put, Update, Write } from './write.ts';

/**
 * Two writes of one item as one: a transaction may name an item only once. The condition is asked of the
 * item as it was before the transaction (`base`), while the second write's was decided after the first:
 * where it looks at what the first changed, it becomes that this is still as it was read.
 *
 * @returns undefined when the two cancel each other out
 */
export function merge(first: Write, second: Write, base: Item | undefined): Write | undefined {
  if (first.kind === 'put') return mergeIntoPut(first, second, base);
  if (first.kind === 'delete') return second.kind === 'put' ? { ...second, when: first.when } : first;
  const when = bothGuards(first, second.when, base);
  if (first.kind === 'update' && second.kind === 'update') {
    return { ...first, change: mergeChanges(first.change, second.change), when };
  }
  return second.kind === 'check' ? { ...first, when } : { ...second, when };
}

function mergeIntoPut(first: Put, second: Write, base: Item | undefined): Write | undefined {
  switch (second.kind) {
    case 'put':
      return { ...second, when: first.when };
    case 'update':
      return { ...first, item: changedRow(first.item, second.change) };
    case 'check':
      return first;
    case 'delete':
      // It was never there, or what was there before goes after all.
      return base === undefined ? undefined : { ...second, when: first.when };
  }
}

function bothGuards(
  first: Write,
  second: Condition | undefined,
  base: Item | undefined,
): Condition | undefined {
  if (second === undefined) return first.when;
  const asked = attributesOf(second);
  const changed = first.kind === 'update' ? touched(first) : [];
  const guard = changed.some((attribute) => asked.has(attribute)) ? unchanged(asked, base ?? {}) : second;
  return first.when === undefined ? guard : all(first.when, guard);
}

function touched({ change }: Update): readonly string[] {
  return [...Object.keys(change.set), ...change.remove, ...Object.keys(change.add)];
}

function mergeChanges(first: Change, second: Change): Change {
  const set: Record<string, unknown> = { ...first.set, ...second.set };
  const add: Record<string, number> = { ...first.add };
  const remove = new Set([...first.remove, ...second.remove]);
  for (const attribute of Object.keys(second.set)) remove.delete(attribute);
  for (const attribute of [...Object.keys(second.set), ...second.remove]) delete add[attribute];
  for (const attribute of second.remove) delete set[attribute];
  for (const [attribute, delta] of Object.entries(second.add)) {
    if (attribute in set) set[attribute] = Number(set[attribute]) + delta;
    else if (remove.delete(attribute)) set[attribute] = delta;
    else add[attribute] = (add[attribute] ?? 0) + delta;
  }
  return { set, remove: [...remove], add };
}
