import { ABSENT, EXISTS, all, any, compare, plain, unchanged, vacant } from './condition.ts';
import type { Condition } from './condition.ts';
import type { Change } from './expression.ts';
import { ALONE, partitionKey, sameKey } from './keys.ts';
import type { Key } from './keys.ts';
import { companionsOf, fieldText, indexedAttributes, rowItem, rowKeyOf, ttlOf } from './model.ts';
import type { Companion, Item, KeyField, Model } from './model.ts';
import type { Role, Write } from './write.ts';

/** A row and all that hangs on it, as the writes of one transaction. Nothing here asks or sends. */

/** A new row. */
export function insertion(model: Model, row: Item, now: number): readonly Write[] {
  const key = requiredKey(model, row);
  const companions = [...companionsOf(model, row, key).values()];
  return [
    { kind: 'put', key, item: rowItem(model, row, key), when: vacant(model, now), role: rowRole(model) },
    ...companions.flatMap((companion) => place(model, companion, vacant(model, now))),
    ...ownerChecks(model, row),
  ];
}

/** The row's owners exist: who deletes an owner finds, after that, all that will ever be its. */
function ownerChecks(model: Model, row: Item): readonly Write[] {
  return model.owners.flatMap(({ model: owner, by }) => {
    const text = fieldText(by, row[by.attribute]);
    if (text === undefined) return [];
    const key = { pk: partitionKey(owner, text), sk: ALONE };
    return [
      {
        kind: 'check',
        key,
        when: EXISTS,
        role: { model: owner, kind: 'row', field: 'id', random: false },
      } as const,
    ];
  });
}

/** A row goes, if `guard` holds of it and its companions are still those that were read. */
export function removal(model: Model, row: Item, guard: Condition): readonly Write[] {
  const key = requiredKey(model, row);
  const when = all(EXISTS, guard, unchanged(indexedAttributes(model), row));
  return [
    { kind: 'delete', key, when, role: rowRole(model) },
    ...[...companionsOf(model, row, key).values()].map((companion) => release(model, companion, key)),
    ...countersOf(model, row),
  ];
}

/** Nothing can be placed any more in the lists that are the row's, since whatever it owns needs it to be there. */
function countersOf(model: Model, row: Item): readonly Write[] {
  return model.counters.flatMap(({ prefix, list }) => {
    const text = fieldText(list, row['id']);
    if (text === undefined) return [];
    return [
      {
        kind: 'delete',
        key: { pk: partitionKey(prefix, text), sk: ALONE },
        role: roleOf(model, 'edge', list),
      },
    ];
  });
}

/**
 * A row is changed, if `guard` holds of it. Only where the change moves keys, pointers, edges or their
 * expiry does it need more than the row, and the row as it was read.
 */
export function alteration(
  model: Model,
  row: Item,
  change: Change,
  guard: Condition,
  now: number,
): readonly Write[] {
  const key = requiredKey(model, row);
  const indexed = indexedAttributes(model);
  const touched = [...Object.keys(change.set), ...change.remove, ...Object.keys(change.add)];
  if (!touched.some((attribute) => indexed.has(attribute))) return [adjustment(model, key, change, guard)];

  const changed = changedRow(row, change);
  const newKey = requiredKey(model, changed);
  const before = companionsOf(model, row, key);
  const after = companionsOf(model, changed, newKey);
  const gone = [...before]
    .filter(([id]) => !after.has(id))
    .map(([, companion]) => release(model, companion, key));
  const placed = [...after]
    .filter(([id, { item }]) => !sameItem(before.get(id)?.item, item))
    .flatMap(([id, companion]) => place(model, companion, before.has(id) ? mineOr(key) : vacant(model, now)));

  const asRead = all(EXISTS, guard, unchanged(indexed, row));
  if (sameKey(key, newKey))
    return [adjustment(model, key, withExpiry(model, changed, change), asRead), ...gone, ...placed];
  // The row moves: whatever else it holds moves too, so all of it must be as it was read.
  return [
    { kind: 'delete', key, when: all(asRead, unchanged(model.attributes, row)), role: rowRole(model) },
    {
      kind: 'put',
      key: newKey,
      item: rowItem(model, changed, newKey),
      when: vacant(model, now),
      role: rowRole(model),
    },
    ...gone,
    ...placed,
  ];
}

/** A change of the row alone. */
export function adjustment(model: Model, key: Key, change: Change, guard: Condition): Write {
  return { kind: 'update', key, change, when: all(EXISTS, guard), role: rowRole(model) };
}

/** Whether the change needs the row as it is now: it touches what pointers, edges and TTL are made of. */
export function isIndexedChange(model: Model, change: Change): boolean {
  const indexed = indexedAttributes(model);
  if (Object.keys(change.set).some((attribute) => indexed.has(attribute) && !isOwnExpiry(model, attribute)))
    return true;
  return [...change.remove, ...Object.keys(change.add)].some((attribute) => indexed.has(attribute));
}

/** The row with the change applied: what DynamoDB will make of it. */
export function changedRow(row: Item, { set, remove, add }: Change): Item {
  const changed: Record<string, unknown> = { ...row, ...set };
  for (const attribute of remove) delete changed[attribute];
  for (const [attribute, delta] of Object.entries(add))
    changed[attribute] = Number(changed[attribute] ?? 0) + delta;
  return changed;
}

/** Better Auth's `update` and `increment` as a change: null takes an attribute away, dates are stored as text. */
export function changeOf(update: Item, add: Readonly<Record<string, number>> = {}): Change {
  const entries = Object.entries(update).filter(([, value]) => value !== undefined);
  return {
    set: Object.fromEntries(
      entries.filter(([, value]) => value !== null).map(([name, value]) => [name, plain(value)]),
    ),
    remove: entries.filter(([, value]) => value === null).map(([name]) => name),
    add,
  };
}

export function withExpiry(model: Model, row: Item, change: Change): Change {
  if (model.expiry === undefined) return change;
  const ttl = ttlOf(model, row);
  if (ttl === undefined) return { ...change, remove: [...change.remove, 'ttl'] };
  return { ...change, set: { ...change.set, ttl } };
}

/** A row without companions carries its expiry alone: a new expiry needs no look at the old one. */
function isOwnExpiry(model: Model, attribute: string): boolean {
  const { partition, sort } = model.row;
  const inKey = attribute === partition.attribute || attribute === sort?.attribute;
  return (
    attribute === model.expiry?.attribute && !inKey && model.unique.length === 0 && model.lists.length === 0
  );
}

function place(
  model: Model,
  { kind, field, key, item, counter }: Companion,
  when: Condition,
): readonly Write[] {
  const role = roleOf(model, kind, field);
  if (kind === 'pointer') return [{ kind: 'put', key, item, when, role }];
  // Nobody else's edge has this key: it ends with the row's own.
  const edge: Write = { kind: 'put', key, item, role };
  return counter ? [edge, { kind: 'update', key: counter, change: onePlaced, role }] : [edge];
}

/** Who knows the count and the first of an ordered list knows as long as both stay that it is still the first. */
const onePlaced: Change = { set: {}, remove: [], add: { placed: 1 } };

/** Takes a companion away. DynamoDB's TTL may have done so already, but never anybody may for another row. */
function release(model: Model, { kind, field, key }: Companion, row: Key): Write {
  return { kind: 'delete', key, when: mineOr(row), role: roleOf(model, kind, field) };
}

function mineOr(row: Key): Condition {
  return any(ABSENT, all(compare('refPk', 'eq', row.pk), compare('refSk', 'eq', row.sk)));
}

function sameItem(a: Item | undefined, b: Item): boolean {
  return a !== undefined && Object.keys({ ...a, ...b }).every((name) => a[name] === b[name]);
}

function rowRole(model: Model): Role {
  const { partition, sort } = model.row;
  const role = roleOf(model, 'row', partition);
  return sort === undefined ? role : { ...role, field: `${partition.name} and ${sort.name}`, random: false };
}

function roleOf(model: Model, kind: Role['kind'], field: KeyField): Role {
  return { model: model.name, kind, field: field.name, random: field.digest };
}

function requiredKey(model: Model, row: Item): Key {
  const key = rowKeyOf(model, row);
  if (key === undefined)
    throw new TypeError(`dynamodb adapter: a ${model.name} needs a value for ${rowRole(model).field}`);
  return key;
}
