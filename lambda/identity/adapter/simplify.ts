import { all, any, compare } from './condition.ts';
import type { Comparison, Condition } from './condition.ts';

const ALWAYS = all();
const NEVER = any();

export function isAlways(condition: Condition): boolean {
  return condition.kind === 'all' && condition.of.length === 0;
}

export function isNever(condition: Condition): boolean {
  return condition.kind === 'any' && condition.of.length === 0;
}

/**
 * The same condition without parts that always or never hold: either it is one of these two, or they are
 * nowhere in it. DynamoDB has no words for them, and refuses a placeholder that no expression uses.
 */
export function simplify(condition: Condition): Condition {
  switch (condition.kind) {
    case 'exists':
    case 'absent':
      return condition;
    case 'compare':
      return simplifyComparison(condition);
    case 'all': {
      const parts = condition.of.map(simplify).filter((part) => !isAlways(part));
      return parts.some(isNever) ? NEVER : (sole(parts) ?? all(...parts));
    }
    case 'any': {
      const parts = condition.of.map(simplify).filter((part) => !isNever(part));
      return parts.some(isAlways) ? ALWAYS : (sole(parts) ?? any(...parts));
    }
  }
}

function sole(parts: readonly Condition[]): Condition | undefined {
  return parts.length === 1 ? parts[0] : undefined;
}

function simplifyComparison(comparison: Comparison): Condition {
  const { attribute, operator, value } = comparison;
  switch (operator) {
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return value === null ? NEVER : comparison;
    case 'contains':
    case 'starts_with':
    case 'ends_with':
      return typeof value === 'string' ? comparison : NEVER;
    case 'in':
    case 'not_in': {
      const values: readonly unknown[] = Array.isArray(value) ? value.filter((each) => each !== null) : [];
      if (values.length > 0) return { ...comparison, value: values };
      return operator === 'in' ? NEVER : compare(attribute, 'ne', null);
    }
    case 'eq':
    case 'ne':
      return comparison;
  }
}
