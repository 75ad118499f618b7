import { ALONE, digest, keyId, keyText, partitionKey, sortKey } from './keys.ts';
import type { Key } from './keys.ts';

/** A row or another item, without its meaning: attribute name to value. */
export type Item = Readonly<Record<string, unknown>>;

/** A field that takes part in keys. */
export interface KeyField {
  /** Better Auth's name, which stands in keys. */
  readonly name: string;
  /** The attribute that holds its value. */
  readonly attribute: string;
  readonly digest: boolean;
}

export interface RowKey {
  readonly partition: KeyField;
  readonly sort: KeyField | undefined;
}

export interface Expiry {
  readonly attribute: string;
  /** The field is a number of epoch milliseconds; else a date. */
  readonly numeric: boolean;
  readonly hidden: boolean;
  readonly keepSeconds: number;
}

/** A model as it lies in the table. */
export interface Model {
  readonly name: string;
  readonly attributes: readonly string[];
  readonly row: RowKey;
  readonly unique: readonly KeyField[];
  readonly lists: readonly KeyField[];
  /** Lists that are also kept in the order of another field. */
  readonly ordered: readonly { readonly list: KeyField; readonly by: KeyField }[];
  readonly expiry: Expiry | undefined;
  /** Its rows are one list as a whole. */
  readonly small: boolean;
  readonly owns: readonly { readonly model: string; readonly by: string }[];
  /** Ordered lists of rows that it owns: what counts them goes with it. */
  readonly counters: readonly { readonly prefix: string; readonly list: KeyField }[];
  /** Whose rows must exist for a row to be created: the owner's model, and the field that holds its id. */
  readonly owners: readonly { readonly model: string; readonly by: KeyField }[];
}

/** An item that exists because of a row: it makes a value unique, or puts the row in a list. */
export interface Companion {
  readonly kind: 'pointer' | 'edge';
  readonly field: KeyField;
  readonly key: Key;
  readonly item: Item;
  /** Of a place in an ordered list: the item that counts how many were ever placed there. */
  readonly counter?: Key;
}

/** Begins the partition key of every row of the model. */
export function rowPrefix(model: Model): string {
  return model.row.sort === undefined ? model.name : `${model.name}.${model.row.partition.name}`;
}

/** A value as it stands in a key for this field; undefined where it has none. */
export function fieldText(field: KeyField, value: unknown): string | undefined {
  const text = keyText(value);
  return text === undefined || !field.digest ? text : digest(text);
}

/** The key of the row that has these values in its key fields; undefined where one is missing. */
export function rowKeyOf(model: Model, row: Item): Key | undefined {
  const { partition, sort } = model.row;
  const first = fieldText(partition, row[partition.attribute]);
  if (first === undefined) return undefined;
  if (sort === undefined) return { pk: partitionKey(rowPrefix(model), first), sk: ALONE };
  const second = fieldText(sort, row[sort.attribute]);
  if (second === undefined) return undefined;
  return { pk: partitionKey(rowPrefix(model), first), sk: sortKey([second]) };
}

/** The partition of a pointer or of a list: `<model>.<field>#<value>`. */
export function fieldPartition(model: Model, field: KeyField, text: string): string {
  return partitionKey(`${model.name}.${field.name}`, text);
}

/** The partition of the list of all rows of a small model. No model's name begins with an underscore. */
export function wholePartition(model: Model): string {
  return partitionKey('_all', model.name);
}

/** Begins the partition key of what counts the rows placed in an ordered list. */
export function counterPrefix(model: string, list: KeyField, by: KeyField): string {
  return `${model}.${list.name}.${by.name}.placed`;
}

/** Every pointer and edge of a row. The row must have its key. */
export function companionsOf(model: Model, row: Item, rowKey: Key): ReadonlyMap<string, Companion> {
  const ttl = ttlOf(model, row);
  const reference = { refPk: rowKey.pk, refSk: rowKey.sk, ...(ttl === undefined ? {} : { ttl }) };
  const companions = new Map<string, Companion>();
  const add = (kind: Companion['kind'], field: KeyField, sort: (field: KeyField) => string): void => {
    const text = fieldText(field, row[field.attribute]);
    if (text === undefined) return;
    const key = { pk: fieldPartition(model, field, text), sk: sort(field) };
    companions.set(keyId(key), { kind, field, key, item: { ...key, ...reference } });
  };
  for (const field of model.unique) add('pointer', field, () => ALONE);
  for (const field of model.lists) add('edge', field, (list) => discriminator(model, row, list));
  for (const { list, by } of model.ordered) {
    const [text, order] = [fieldText(list, row[list.attribute]), fieldText(by, row[by.attribute])];
    if (text === undefined || order === undefined) continue;
    const pk = partitionKey(`${model.name}.${list.name}.${by.name}`, text);
    const key = { pk, sk: sortKey([order, discriminator(model, row, list)]) };
    const counter = { pk: partitionKey(counterPrefix(model.name, list, by), text), sk: ALONE };
    companions.set(keyId(key), { kind: 'edge', field: list, key, item: { ...key, ...reference }, counter });
  }
  if (model.small) {
    const key = { pk: wholePartition(model), sk: discriminator(model, row) };
    companions.set(keyId(key), {
      kind: 'edge',
      field: model.row.partition,
      key,
      item: { ...key, ...reference },
    });
  }
  return companions;
}

/** What tells a row from the others of a list: the fields of its key other than the list's own. */
function discriminator(model: Model, row: Item, list?: KeyField): string {
  const fields = [model.row.partition, model.row.sort].filter((field) => field !== undefined);
  const others = fields.filter(({ name }) => name !== list?.name);
  return sortKey(others.map((field) => fieldText(field, row[field.attribute]) ?? ''));
}

/** Epoch seconds from which DynamoDB may delete the row and its companions. */
export function ttlOf(model: Model, row: Item): number | undefined {
  if (model.expiry === undefined) return undefined;
  const moment = milliseconds(row[model.expiry.attribute]);
  return moment === undefined ? undefined : Math.ceil(moment / 1000) + model.expiry.keepSeconds;
}

function milliseconds(value: unknown): number | undefined {
  const moment = typeof value === 'string' ? Date.parse(value) : value;
  return typeof moment === 'number' && Number.isFinite(moment) ? moment : undefined;
}

/** The attributes whose change moves the row, its pointers or its edges, or changes when they expire. */
export function indexedAttributes(model: Model): ReadonlySet<string> {
  const orders = model.ordered.flatMap(({ list, by }) => [list, by]);
  const fields = [model.row.partition, model.row.sort, ...model.unique, ...model.lists, ...orders];
  const attributes = new Set(fields.filter((field) => field !== undefined).map(({ attribute }) => attribute));
  if (model.expiry !== undefined) attributes.add(model.expiry.attribute);
  return attributes;
}

/** The row as the table holds it: key and TTL added, nulls left out (an absent attribute is a null). */
export function rowItem(model: Model, row: Item, key: Key): Item {
  const ttl = ttlOf(model, row);
  const present = Object.entries(row).filter(
    ([name, value]) => name !== 'ttl' && value !== null && value !== undefined,
  );
  // The key last: a row that moves was read under its old one.
  return { ...Object.fromEntries(present), ...key, ...(ttl === undefined ? {} : { ttl }) };
}

/** The row as Better Auth knows it: its fields only, null where there is no attribute. */
export function rowOf(model: Model, item: Item): Record<string, unknown> {
  return Object.fromEntries(model.attributes.map((attribute) => [attribute, item[attribute] ?? null]));
}
