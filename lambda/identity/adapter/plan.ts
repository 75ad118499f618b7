import type { CleanedWhere } from '@better-auth/core/db/adapter';
import { plain } from './condition.ts';
import type { Key } from './keys.ts';
import { ALONE, keyId, keyText, partitionKey, sortKey } from './keys.ts';
import { fieldPartition, fieldText, rowPrefix, wholePartition } from './model.ts';
import type { KeyField, Model } from './model.ts';

/** Where one row is found: under its own key, or where a pointer says. */
export interface Lookup {
  readonly via: 'row' | 'pointer';
  readonly key: Key;
}

/** A list: a partition that holds the rows themselves, or edges that name them. */
export interface Collection {
  readonly pk: string;
  readonly of: 'rows' | 'edges';
}

/** How the rows of a `where` are reached. The `where` is still applied to every row that is. */
export type Plan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'get'; readonly lookup: Lookup }
  | { readonly kind: 'batchGet'; readonly lookups: readonly Lookup[] }
  | {
      readonly kind: 'query';
      readonly collections: readonly Collection[];
      /** The collection is the whole answer: nothing else is asked. */
      readonly exact: boolean;
    }
  | { readonly kind: 'refuse'; readonly message: string };

/** Decides how a `where` is answered, without asking anybody. */
export function plan(model: Model, where: readonly CleanedWhere[]): Plan {
  const required = where.filter(({ connector }) => connector !== 'OR');
  const found = narrow(model, required, where.length);
  if (found !== undefined) return found;
  const alternatives = where.filter(({ connector }) => connector === 'OR');
  const plans = alternatives.map((clause) => narrow(model, [clause], 1));
  const union = unite(plans);
  if (union !== undefined) return union;
  if (model.small) return collect([{ pk: wholePartition(model), of: 'edges' }], where.length === 0);
  return { kind: 'refuse', message: refusal(model, where) };
}

/** Rows and collections that each alternative needs; undefined where one of them cannot be narrowed. */
function unite(plans: readonly (Plan | undefined)[]): Plan | undefined {
  if (plans.length === 0) return undefined;
  const lookups: Lookup[] = [];
  const collections: Collection[] = [];
  for (const each of plans) {
    if (each === undefined || each.kind === 'refuse') return undefined;
    if (each.kind === 'get') lookups.push(each.lookup);
    if (each.kind === 'batchGet') lookups.push(...each.lookups);
    if (each.kind === 'query') collections.push(...each.collections);
  }
  if (collections.length === 0) return gets(lookups);
  return lookups.length === 0 ? { kind: 'query', collections, exact: false } : undefined;
}

/** The best way that any of the clauses, all of which must hold, opens: a key, a pointer, a partition, a list. */
function narrow(model: Model, clauses: readonly CleanedWhere[], total: number): Plan | undefined {
  const { partition, sort } = model.row;
  const partitions = textsOf(partition, clauses);
  const sorts = sort === undefined ? [] : textsOf(sort, clauses);
  if (partitions !== undefined && sorts !== undefined) {
    const sortKeys = sort === undefined ? [ALONE] : sorts.map((text) => sortKey([text]));
    const pks = partitions.map((text) => partitionKey(rowPrefix(model), text));
    return gets(pks.flatMap((pk) => sortKeys.map((sk): Lookup => ({ via: 'row', key: { pk, sk } }))));
  }
  for (const field of model.unique) {
    const texts = textsOf(field, clauses);
    if (texts === undefined) continue;
    return gets(
      texts.map((text): Lookup => ({
        via: 'pointer',
        key: { pk: fieldPartition(model, field, text), sk: ALONE },
      })),
    );
  }
  const exact = clauses.length === 1 && total === 1;
  if (partitions !== undefined) {
    return collect(
      partitions.map((text) => ({ pk: partitionKey(rowPrefix(model), text), of: 'rows' })),
      exact,
    );
  }
  for (const field of model.lists) {
    const texts = textsOf(field, clauses);
    if (texts === undefined) continue;
    return collect(
      texts.map((text) => ({ pk: fieldPartition(model, field, text), of: 'edges' })),
      exact,
    );
  }
  return undefined;
}

/** The key texts that a clause allows for the field; undefined where no clause bounds it. */
function textsOf(field: KeyField, clauses: readonly CleanedWhere[]): readonly string[] | undefined {
  for (const clause of clauses) {
    if (clause.field !== field.attribute || (clause.mode === 'insensitive' && hasText(clause.value)))
      continue;
    // A null is in no key: rows without the value are found nowhere.
    if ((clause.operator ?? 'eq') === 'eq' && clause.value !== null) return keyTexts(field, [clause.value]);
    if (clause.operator === 'in' && Array.isArray(clause.value)) return keyTexts(field, clause.value);
  }
  return undefined;
}

function keyTexts(field: KeyField, values: readonly unknown[]): readonly string[] {
  const texts = values.map((value) => fieldText(field, plain(value))).filter((text) => text !== undefined);
  return [...new Set(texts)];
}

function hasText(value: CleanedWhere['value']): boolean {
  return Array.isArray(value) ? value.some((each) => typeof each === 'string') : typeof value === 'string';
}

function gets(lookups: readonly Lookup[]): Plan {
  const distinct = [...new Map(lookups.map((lookup) => [keyId(lookup.key), lookup])).values()];
  const [only] = distinct;
  if (only === undefined) return { kind: 'nothing' };
  return distinct.length === 1 ? { kind: 'get', lookup: only } : { kind: 'batchGet', lookups: distinct };
}

function collect(collections: readonly Collection[], exact: boolean): Plan {
  if (collections.length === 0) return { kind: 'nothing' };
  return { kind: 'query', collections, exact: exact && collections.length === 1 };
}

/** What was asked and what would serve it. Fields and operators only: the values are other people's data. */
function refusal(model: Model, where: readonly CleanedWhere[]): string {
  const { partition, sort } = model.row;
  const served = [
    sort === undefined ? partition.name : `${partition.name} (with or without ${sort.name})`,
    ...[...model.unique, ...model.lists].map(({ name }) => name),
  ];
  const asked = where.map(
    ({ field, operator, mode }) =>
      `${field} ${mode === 'insensitive' ? 'insensitive ' : ''}${operator ?? 'eq'}`,
  );
  const fields = [...new Set(where.map(({ field }) => field))];
  return (
    `dynamodb adapter: ${model.name} where ${asked.length === 0 ? '(nothing)' : asked.join(', ')} would read the whole table. ` +
    `Served are eq and in on ${served.join(', ')}` +
    (fields.length === 0
      ? `; or set "small" in the layout of ${model.name}, if it will always have few rows.`
      : `; or name ${fields.join(' or ')} under "unique" or "lists" in the layout of ${model.name}.`)
  );
}

/**
 * A sweep of rows that have expired: `deleteMany` by nothing but their expiry, up to a moment that is past.
 * DynamoDB's TTL does that, so there is nothing to do and nothing to scan for.
 */
export function isSweep(model: Model, where: readonly CleanedWhere[], now: number): boolean {
  const { expiry } = model;
  if (
    expiry === undefined ||
    !where.every(({ field, connector }) => field === expiry.attribute && connector !== 'OR')
  ) {
    return false;
  }
  const past = where.some(
    ({ operator, value }) => (operator === 'lt' || operator === 'lte') && epochOf(value) <= now,
  );
  return (
    past &&
    where.every(
      ({ operator, value }) =>
        operator === 'lt' || operator === 'lte' || (operator === 'ne' && value === null),
    )
  );
}

function epochOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return Date.parse(keyText(value) ?? '');
}
