import type { Comparison, Condition } from './condition.ts';
import type { Item } from './model.ts';
import { isAlways, isNever, simplify } from './simplify.ts';

/** DynamoDB's limits for one expression are 300 operators and 100 operands of IN; we stay well below. */
const MOST_OPERANDS = 100;

/** What a conditional write changes in an item. */
export interface Change {
  readonly set: Item;
  readonly remove: readonly string[];
  /** Deltas; an absent number counts from 0. */
  readonly add: Readonly<Record<string, number>>;
}

/** Placeholders for names and values, shared by the expressions of one request. */
interface Placeholders {
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

export interface Expressions {
  readonly condition?: string;
  readonly update?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

/** The expressions of a write. Every name and value is a placeholder: none of them can be read as syntax. */
export function expressions(when: Condition | undefined, change?: Change): Expressions {
  const placeholders: Placeholders = { names: {}, values: {} };
  const condition = when === undefined ? undefined : conditionText(when, placeholders);
  const update = change === undefined ? undefined : updateText(change, placeholders);
  return {
    ...(condition === undefined ? {} : { condition }),
    ...(update === undefined ? {} : { update }),
    ...(Object.keys(placeholders.names).length === 0 ? {} : { names: placeholders.names }),
    ...(Object.keys(placeholders.values).length === 0 ? {} : { values: placeholders.values }),
  };
}

/**
 * Whether DynamoDB can evaluate the condition: it knows no `ends_with`, no case folding, no order of booleans
 * and no endless IN.
 */
export function isExpressible(condition: Condition): boolean {
  const comparisons = comparisonsOf(condition);
  const count = comparisons.reduce((sum, { value }) => sum + (Array.isArray(value) ? value.length : 1), 0);
  return count <= MOST_OPERANDS && comparisons.every(hasWords);
}

function hasWords({ operator, value, insensitive }: Comparison): boolean {
  if (operator === 'ends_with' || insensitive) return false;
  return typeof value !== 'boolean' || !['lt', 'lte', 'gt', 'gte'].includes(operator);
}

function comparisonsOf(condition: Condition): readonly Comparison[] {
  if (condition.kind === 'compare') return [condition];
  return condition.kind === 'all' || condition.kind === 'any' ? condition.of.flatMap(comparisonsOf) : [];
}

function conditionText(condition: Condition, placeholders: Placeholders): string | undefined {
  const simple = simplify(condition);
  if (isAlways(simple)) return undefined;
  return isNever(simple)
    ? '(attribute_exists(pk) AND attribute_not_exists(pk))'
    : textOf(simple, placeholders);
}

/** Of a simple condition. Parentheses only where they are needed: DynamoDB refuses redundant ones. */
function textOf(condition: Condition, placeholders: Placeholders): string {
  switch (condition.kind) {
    case 'exists':
      return 'attribute_exists(pk)';
    case 'absent':
      return 'attribute_not_exists(pk)';
    case 'compare':
      return comparisonText(condition, placeholders);
    case 'all':
      return `(${condition.of.map((each) => textOf(each, placeholders)).join(' AND ')})`;
    case 'any':
      return `(${condition.of.map((each) => textOf(each, placeholders)).join(' OR ')})`;
  }
}

function comparisonText({ attribute, operator, value }: Comparison, placeholders: Placeholders): string {
  const name = nameOf(attribute, placeholders);
  const operand = (each: unknown = value): string => valueOf(each, placeholders);
  switch (operator) {
    case 'eq':
      return value === null ? `attribute_not_exists(${name})` : `${name} = ${operand()}`;
    case 'ne':
      // `<>` alone is true of an absent attribute.
      return value === null
        ? `attribute_exists(${name})`
        : `(attribute_exists(${name}) AND ${name} <> ${operand()})`;
    case 'lt':
      return `${name} < ${operand()}`;
    case 'lte':
      return `${name} <= ${operand()}`;
    case 'gt':
      return `${name} > ${operand()}`;
    case 'gte':
      return `${name} >= ${operand()}`;
    case 'in':
      return `${name} IN (${operands(value, operand)})`;
    case 'not_in':
      return `(attribute_exists(${name}) AND NOT ${name} IN (${operands(value, operand)}))`;
    case 'contains':
      return `contains(${name}, ${operand()})`;
    case 'starts_with':
      return `begins_with(${name}, ${operand()})`;
    case 'ends_with':
      throw new TypeError('dynamodb adapter: ends_with has no DynamoDB expression; ask isExpressible first');
  }
}

function operands(value: unknown, operand: (each: unknown) => string): string {
  return Array.isArray(value) ? value.map(operand).join(', ') : '';
}

function updateText({ set, remove, add }: Change, placeholders: Placeholders): string | undefined {
  const assignments = Object.entries(set).map(
    ([attribute, value]) => `${nameOf(attribute, placeholders)} = ${valueOf(value, placeholders)}`,
  );
  for (const [attribute, delta] of Object.entries(add)) {
    const name = nameOf(attribute, placeholders);
    assignments.push(
      `${name} = if_not_exists(${name}, ${valueOf(0, placeholders)}) + ${valueOf(delta, placeholders)}`,
    );
  }
  const parts = assignments.length === 0 ? [] : [`SET ${assignments.join(', ')}`];
  if (remove.length > 0)
    parts.push(`REMOVE ${remove.map((attribute) => nameOf(attribute, placeholders)).join(', ')}`);
  return parts.length === 0 ? undefined : parts.join(' ');
}

function nameOf(attribute: string, { names }: Placeholders): string {
  const known = Object.entries(names).find(([, name]) => name === attribute);
  if (known !== undefined) return known[0];
  const placeholder = `#n${Object.keys(names).length}`;
  names[placeholder] = attribute;
  return placeholder;
}

function valueOf(value: unknown, { values }: Placeholders): string {
  const placeholder = `:v${Object.keys(values).length}`;
  values[placeholder] = value;
  return placeholder;
}
