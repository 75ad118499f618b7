import type { BetterAuthDBSchema } from '@better-auth/core/db';
import { counterPrefix } from './model.ts';
import type { Expiry, KeyField, Model, RowKey } from './model.ts';

/** A field as it takes part in a key; `digest` where its value is a secret or may contain one. */
export type FieldLayout = string | { readonly field: string; readonly digest: true };

/** How one model lies in the table. Every name is Better Auth's own name of a model or field. */
export interface ModelLayout {
  /**
   * What the row is keyed by: one field whose value no two rows share, or two fields, of which the first
   * makes the partition: its rows then are a list by that field, without any further item.
   * @default 'id'
   */
  readonly row?: FieldLayout | { readonly partition: FieldLayout; readonly sort: FieldLayout };
  /** Fields no two rows may share, looked up through a pointer item. The row's key field need not be named. */
  readonly unique?: readonly FieldLayout[];
  /** Fields whose equal values make a list that is read with strong consistency. */
  readonly lists?: readonly FieldLayout[];
  /**
   * Lists that are also kept in the order of another field: whoever reads the table itself finds the first of many
   * in one short read. Rows created before this was set are not in that order.
   */
  readonly ordered?: readonly OrderLayout[];
  /** When DynamoDB may delete the row by itself. */
  readonly expiry?: {
    /** A date, or a number of epoch milliseconds. A row without it never expires. */
    readonly field: string;
    /** Whether reads stop returning the row at that moment; else Better Auth decides what it means. */
    readonly hidden: boolean;
    /** Seconds for which the row is kept beyond that moment. @default 0 */
    readonly keepSeconds?: number;
  };
  /**
   * The model will always have few rows (hundreds): they are then one list as a whole too, which serves whatever
   * nothing else serves. Every row of the model is listed in one partition, and such a read costs all of them.
   * Rows created before this was set are not in that list.
   * @default false
   */
  readonly small?: boolean;
  /** Rows of other models that go when a row of this one goes: those whose `by` holds this row's id. */
  readonly owns?: readonly Ownership[];
}

export interface OrderLayout {
  readonly list: FieldLayout;
  /** A date, which sorts as text; of equal ones, the rest of the row's key decides. */
  readonly by: FieldLayout;
}

export interface Ownership {
  readonly model: string;
  /** The field of the owned row that holds its owner's id. Must be a list of its model. */
  readonly by: string;
  /**
   * Whether such a row may be created without its owner. Where it may not, nothing can be created for an
   * owner that is being deleted and then outlive it. Must be set where several models own by one field.
   * @default false
   */
  readonly orphans?: boolean;
}

type Fields = BetterAuthDBSchema[string]['fields'];

export type Layout = Readonly<Record<string, ModelLayout>>;

/** Attributes the adapter needs for itself. */
const RESERVED = new Set(['pk', 'sk', 'ttl', 'refPk', 'refSk']);

/**
 * The models of a Better Auth schema, laid out. A model the layout does not name is keyed by id; fields its
 * schema declares unique are unique, and those it declares as references or as indexed are lists.
 *
 * @throws {TypeError} the layout names a field or model that the schema lacks, or a field's name is taken
 */
export function layOut(schema: BetterAuthDBSchema, layout: Layout): ReadonlyMap<string, Model> {
  const models = new Map<string, Model>();
  for (const name of Object.keys(schema)) models.set(name, layOutModel(name, schema, layout));
  for (const model of models.values()) checkOwned(model, models);
  for (const [name, model] of models) models.set(name, { ...model, counters: countersOf(model, models) });
  return models;
}

function layOutModel(name: string, schema: BetterAuthDBSchema, layout: Layout): Model {
  const fields = schema[name]?.fields ?? {};
  const attributes = new Map([['id', fields['id']?.fieldName ?? 'id']]);
  for (const [field, definition] of Object.entries(fields))
    attributes.set(field, definition.fieldName ?? field);
  for (const attribute of attributes.values()) {
    if (RESERVED.has(attribute) || attribute.startsWith('_')) {
      throw new TypeError(
        `dynamodb adapter: ${name}.${attribute}: the adapter keeps this attribute name for itself`,
      );
    }
  }
  const keyField = (layoutField: FieldLayout): KeyField => {
    const field = typeof layoutField === 'string' ? layoutField : layoutField.field;
    const attribute = attributes.get(field);
    if (attribute === undefined) {
      throw new TypeError(
        `dynamodb adapter: the layout of ${name} names "${field}", which its schema does not have`,
      );
    }
    return { name: field, attribute, digest: typeof layoutField !== 'string' };
  };
  const present = (layoutField: FieldLayout): boolean =>
    attributes.has(typeof layoutField === 'string' ? layoutField : layoutField.field);
  const dateField = (layoutField: FieldLayout): KeyField => {
    const field = keyField(layoutField);
    if (fields[field.name]?.type === 'date') return field;
    throw new TypeError(`dynamodb adapter: ${name} cannot be in the order of "${field.name}": it is no date`);
  };
  const own = layout[name] ?? derived(fields);
  const row = rowKey(own.row ?? 'id', keyField);
  return {
    name,
    attributes: [...attributes.values()],
    row,
    // Plugins add fields when an option is on (`invitation.teamId`): a layout may name them ahead.
    unique: (own.unique ?? []).filter(present).map(keyField),
    lists: (own.lists ?? []).filter(present).map(keyField),
    ordered: (own.ordered ?? []).map(({ list, by }) => ({ list: keyField(list), by: dateField(by) })),
    expiry: own.expiry === undefined ? undefined : expiryOf(own.expiry, keyField(own.expiry.field), fields),
    small: own.small ?? false,
    owns: own.owns ?? [],
    counters: [],
    owners: ownersOf(name, layout).map(({ model, by }) => ({ model, by: keyField(by) })),
  };
}

function rowKey(row: NonNullable<ModelLayout['row']>, keyField: (field: FieldLayout) => KeyField): RowKey {
  if (typeof row === 'object' && 'partition' in row) {
    return { partition: keyField(row.partition), sort: keyField(row.sort) };
  }
  return { partition: keyField(row), sort: undefined };
}

function expiryOf(
  { hidden, keepSeconds = 0 }: NonNullable<ModelLayout['expiry']>,
  { name, attribute }: KeyField,
  fields: Fields,
): Expiry {
  return { attribute, numeric: fields[name]?.type === 'number', hidden, keepSeconds };
}

/** A layout for a model nobody declared: what its own schema says about it. */
function derived(fields: Fields): ModelLayout {
  const entries = Object.entries(fields).filter(([field]) => field !== 'id');
  return {
    unique: entries.filter(([, { unique }]) => unique === true).map(([field]) => field),
    lists: entries
      .filter(
        ([, { unique, index, references }]) =>
          unique !== true && (index === true || references !== undefined),
      )
      .map(([field]) => field),
  };
}

/** Models one of whose rows must be there before a row of this model can be. */
function ownersOf(name: string, layout: Layout): readonly { readonly model: string; readonly by: string }[] {
  const relations = Object.entries(layout).flatMap(([model, { owns = [], row = 'id' }]) =>
    owns
      .filter((own) => own.model === name)
      .map(({ by, orphans = false }) => ({ model, by, orphans, keyed: row === 'id' })),
  );
  const enforced = relations.filter(({ orphans }) => !orphans);
  for (const { model, by, keyed } of enforced) {
    const sole = relations.filter((other) => other.by === by).length === 1;
    if (sole && keyed) continue;
    throw new TypeError(
      `dynamodb adapter: ${model} owns ${name} by "${by}": set "orphans", for ` +
        (sole ? `rows of ${model} are not keyed by id` : `rows of another model are named by the same field`),
    );
  }
  return enforced;
}

/** A list that is ordered and owned is emptied with its owner, and then has nothing to count. */
function countersOf({ owns }: Model, models: ReadonlyMap<string, Model>): Model['counters'] {
  return owns.flatMap(({ model, by }) =>
    (models.get(model)?.ordered ?? [])
      .filter(({ list }) => list.name === by)
      .map(({ list, by: order }) => ({ prefix: counterPrefix(model, list, order), list })),
  );
}

/** A child that could not be listed by its owner would outlive it, and what it grants with it. */
function checkOwned(model: Model, models: ReadonlyMap<string, Model>): void {
  for (const { model: childName, by } of model.owns) {
    const child = models.get(childName);
    if (child === undefined) continue;
    const listed = child.lists.some(({ name }) => name === by);
    if (!listed && !(child.row.sort !== undefined && child.row.partition.name === by)) {
      throw new TypeError(
        `dynamodb adapter: ${model.name} owns ${childName} by "${by}": make "${by}" a list of ${childName}`,
      );
    }
  }
}
