import type { CleanedWhere } from '@better-auth/core/db/adapter';
import type { Item, Model } from './model.ts';

type Operator = NonNullable<CleanedWhere['operator']>;

/** One comparison of an attribute. A null value asks for an absent attribute. */
export interface Comparison {
  readonly kind: 'compare';
  readonly attribute: string;
  readonly operator: Operator;
  readonly value: unknown;
  readonly insensitive: boolean;
}

/**
 * What must hold of an item. One form for both uses: evaluated here on an item that was read, and compiled
 * into the condition of a write, so that what was decided on a read is decided again where it counts.
 */
export type Condition =
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'exists' | 'absent' }
  | Comparison;

export const EXISTS: Condition = { kind: 'exists' };
export const ABSENT: Condition = { kind: 'absent' };

export function all(...of: readonly Condition[]): Condition {
  return { kind: 'all', of };
}

export function any(...of: readonly Condition[]): Condition {
  return { kind: 'any', of };
}

export function compare(attribute: string, operator: Operator, value: unknown): Comparison {
  return { kind: 'compare', attribute, operator, value: plain(value), insensitive: false };
}

/**
 * Better Auth's `where`: every AND clause, and one of the OR clauses if there are any (as its SQL adapters
 * read it). Dates are compared as the ISO strings they are stored as.
 */
export function fromWhere(where: readonly CleanedWhere[]): Condition {
  const clauses = where.map((clause): [CleanedWhere['connector'], Comparison] => [
    clause.connector,
    {
      kind: 'compare',
      attribute: clause.field,
      operator: clause.operator ?? 'eq',
      value: plain(clause.value),
      insensitive: clause.mode === 'insensitive' && hasText(clause.value),
    },
  ]);
  const required = clauses.filter(([connector]) => connector !== 'OR').map(([, clause]) => clause);
  const alternatives = clauses.filter(([connector]) => connector === 'OR').map(([, clause]) => clause);
  return alternatives.length === 0 ? all(...required) : all(...required, any(...alternatives));
}

/** The row has not expired, where the model hides rows that have. */
export function visible(model: Model, now: number): Condition {
  if (model.expiry === undefined || !model.expiry.hidden) return all();
  const { attribute, numeric } = model.expiry;
  return any(compare(attribute, 'eq', null), compare(attribute, 'gt', numeric ? now : new Date(now)));
}

/** There is no such item, or one that only waits to be deleted: DynamoDB's TTL takes up to days. */
export function vacant(model: Model, now: number): Condition {
  return model.expiry === undefined ? ABSENT : any(ABSENT, compare('ttl', 'lte', Math.floor(now / 1000)));
}

/** These attributes are as they were read: what a guard becomes that DynamoDB cannot express. */
export function unchanged(attributes: Iterable<string>, row: Item): Condition {
  return all(...[...attributes].map((attribute) => compare(attribute, 'eq', row[attribute] ?? null)));
}

/** Whether the condition holds of an item; undefined is no item. The mirror of what DynamoDB would answer. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.of.every((each) => holds(each, item));
    case 'any':
      return condition.of.some((each) => holds(each, item));
    case 'exists':
      return item !== undefined;
    case 'absent':
      return item === undefined;
    case 'compare':
      return compares(condition, item?.[condition.attribute] ?? null);
  }
}

/** SQL's answers: an absent value equals only null, and satisfies no comparison, `ne` and `not_in` included. */
function compares(comparison: Comparison, actual: unknown): boolean {
  const fold = (value: unknown): unknown =>
    comparison.insensitive && typeof value === 'string' ? value.toLowerCase() : value;
  const left = fold(actual);
  const right = Array.isArray(comparison.value) ? comparison.value.map(fold) : fold(comparison.value);
  switch (comparison.operator) {
    case 'eq':
      return left === right;
    case 'ne':
      return right === null ? left !== null : left !== null && left !== right;
    case 'in':
      return Array.isArray(right) && left !== null && right.includes(left);
    case 'not_in':
      return Array.isArray(right) && left !== null && !right.includes(left);
    case 'lt':
      return sameType(left, right) && order(left, right) < 0;
    case 'lte':
      return sameType(left, right) && order(left, right) <= 0;
    case 'gt':
      return sameType(left, right) && order(left, right) > 0;
    case 'gte':
      return sameType(left, right) && order(left, right) >= 0;
    case 'contains':
      return typeof left === 'string' && typeof right === 'string' && left.includes(right);
    case 'starts_with':
      return typeof left === 'string' && typeof right === 'string' && left.startsWith(right);
    case 'ends_with':
      return typeof left === 'string' && typeof right === 'string' && left.endsWith(right);
  }
}

function sameType(left: unknown, right: unknown): boolean {
  return left !== null && right !== null && typeof left === typeof right;
}

/** Nulls first, then by value; strings by their UTF-8 bytes, as DynamoDB orders them. */
export function order(left: unknown, right: unknown): number {
  if (left === right) return 0;
  if (left === null || left === undefined) return -1;
  if (right === null || right === undefined) return 1;
  if (typeof left === 'string' && typeof right === 'string')
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return Number(left) < Number(right) ? -1 : 1;
}

/** A value as it is stored. */
export function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  return value ?? null;
}

/** The attributes that a condition looks at. */
export function attributesOf(condition: Condition): ReadonlySet<string> {
  if (condition.kind === 'compare') return new Set([condition.attribute]);
  if (condition.kind === 'all' || condition.kind === 'any') {
    return new Set(condition.of.flatMap((each) => [...attributesOf(each)]));
  }
  return new Set();
}

function hasText(value: unknown): boolean {
  return (
    typeof value === 'string' || (Array.isArray(value) && value.every((each) => typeof each === 'string'))
  );
}
