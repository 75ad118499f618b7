import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from './model.ts';

export type Attributes = Record<string, AttributeValue>;

/**
 * To DynamoDB's types. Numbers go as the shortest text that reads back as the same double, also beyond
 * 2^53: DynamoDB keeps 38 digits. NaN and infinities have no such type and throw.
 */
export function toAttributes(item: Item): Attributes {
  return marshall({ ...item }, { removeUndefinedValues: true, allowImpreciseNumbers: true });
}

export function fromAttributes(attributes: Attributes): Item {
  return unmarshall(attributes, { wrapNumbers: Number });
}
