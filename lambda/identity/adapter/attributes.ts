import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from './model.ts';
import { notStorable } from './not-storable.ts';

export type Attributes = Record<string, AttributeValue>;

/**
 * To DynamoDB's types. Numbers go as the shortest text that reads back as the same double, also beyond
 * 2^53: DynamoDB keeps 38 digits.
 *
 * @throws {APIError} 400 on what DynamoDB would refuse: clients choose names, ids and slugs, and whatever they
 *   send must not look like a store that fails
 */
export function toAttributes(item: Item): Attributes {
  if (!isStorable(item)) throw notStorable();
  return marshall({ ...item }, { removeUndefinedValues: true, allowImpreciseNumbers: true });
}

/** UTF-8 has no lone surrogate; numbers: "Naming rules and data types", DynamoDB developer guide. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') {
    const size = Math.abs(value);
    return size === 0 || (size >= 1e-130 && size < 1e126);
  }
  if (Array.isArray(value)) return value.every(isStorable);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, each]) => name.isWellFormed() && isStorable(each));
}

export function fromAttributes(attributes: Attributes): Item {
  return unmarshall(attributes, { wrapNumbers: Number });
}
