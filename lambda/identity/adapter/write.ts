import type { TransactWriteItem, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { toAttributes } from './attributes.ts';
import type { Condition } from './condition.ts';
import { expressions } from './expression.ts';
import type { Change } from './expression.ts';
import type { Key } from './keys.ts';
import type { Item } from './model.ts';

export interface Role {
  readonly model: string;
  readonly kind: 'row' | 'pointer' | 'edge';
  /** The field that makes the key. */
  readonly field: string;
  /** Its values are random secrets: nobody finds one taken. */
  readonly random: boolean;
}

interface Guarded {
  readonly key: Key;
  /** Must hold of the item when it is written; the only guard that counts. */
  readonly when?: Condition | undefined;
  /** What the item is for, so that a refusal can name it. */
  readonly role: Role;
}

export interface Put extends Guarded {
  readonly kind: 'put';
  readonly item: Item;
}

export interface Update extends Guarded {
  readonly kind: 'update';
  readonly change: Change;
}

export interface Delete extends Guarded {
  readonly kind: 'delete';
}

/** Writes nothing: the others are written only if it holds. */
export interface Check extends Guarded {
  readonly kind: 'check';
}

/** What happens to one item. */
export type Write = Put | Update | Delete | Check;

/** Done (with the item as it is now, where that was asked), or the writes whose condition did not hold. */
export type Outcome =
  { readonly done: true; readonly item?: Item } | { readonly done: false; readonly failed: readonly Write[] };

export const DONE: Outcome = { done: true };

type Parameters = Pick<
  UpdateItemCommandInput,
  'ConditionExpression' | 'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** The request parameters that every kind of write shares. */
export function parameters(write: Write): Parameters {
  const { condition, update, names, values } = expressions(
    write.when,
    write.kind === 'update' ? write.change : undefined,
  );
  return {
    ...(condition === undefined ? {} : { ConditionExpression: condition }),
    ...(update === undefined ? {} : { UpdateExpression: update }),
    ...(names === undefined ? {} : { ExpressionAttributeNames: { ...names } }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: toAttributes(values) }),
  };
}

export function transactItem(write: Write, TableName: string): TransactWriteItem {
  const { ConditionExpression, UpdateExpression, ...rest } = parameters(write);
  const Key = toAttributes({ ...write.key });
  const guard = ConditionExpression === undefined ? {} : { ConditionExpression };
  switch (write.kind) {
    case 'put':
      return { Put: { TableName, Item: toAttributes(write.item), ...guard, ...rest } };
    case 'update':
      return { Update: { TableName, Key, UpdateExpression, ...guard, ...rest } };
    case 'delete':
      return { Delete: { TableName, Key, ...guard, ...rest } };
    case 'check':
      return { ConditionCheck: { TableName, Key, ConditionExpression, ...rest } };
  }
}
