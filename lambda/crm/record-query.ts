import type { QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Filter } from './record-filter.ts';
import { recordIdPattern, type Collection } from './record.ts';

/** Which records of a collection, in the order of their ids. */
export interface Selection {
  readonly filter: Filter;
  /** Only those after this id. */
  readonly after?: string;
}

/** Partition of a collection. Neither an organization's id nor an entity holds a `#`: no two share one. */
export const partition = ({ organizationId, entity }: Collection): string => `${organizationId}#${entity}`;

/**
 * The parameters of a Query for a selection, without table and limit; `undefined` when no record can be in it.
 * Names and values of the client only ever stand behind placeholders: none becomes part of an expression.
 */
export function queryOf(
  collection: Collection,
  { filter: { id, ...fields }, after }: Selection,
): Omit<QueryCommandInput, 'TableName'> | undefined {
  const values = new Map<string, unknown>([[':pk', partition(collection)]]);
  const conditions = ['pk = :pk'];
  if (id !== undefined) {
    if (typeof id !== 'string' || !recordIdPattern.test(id)) return undefined;
    values.set(':id', id);
    conditions.push('sk = :id');
  } else if (after !== undefined) {
    values.set(':after', after);
    conditions.push('sk > :after');
  }
  const names = new Map<string, string>();
  const equalities = Object.entries(fields).map(([name, value], index) => {
    names.set(`#f${index}`, name);
    values.set(`:f${index}`, value);
    return `#data.#f${index} = :f${index}`;
  });
  return {
    ConsistentRead: true,
    KeyConditionExpression: conditions.join(' AND '),
    ExpressionAttributeValues: marshall(Object.fromEntries(values)),
    ...(equalities.length > 0
      ? {
          FilterExpression: equalities.join(' AND '),
          ExpressionAttributeNames: { '#data': 'data', ...Object.fromEntries(names) },
        }
      : {}),
  };
}
