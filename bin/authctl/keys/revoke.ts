import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Operator } from '../operator.ts';
import { keyById } from './stored.ts';

export interface RevokedKey {
  readonly id: string;
  readonly revoked: true;
  /** A key it was rotated to goes on working. */
  readonly successorId?: string;
}

/**
 * Ends a key for good, at once for a key with limits and within the bound on facts for any other. Its row stays,
 * so that it goes on saying `credential_disabled`, and its owner cannot undo it. Safe to repeat.
 *
 * @throws {CommandFailure} `not_found`
 */
export async function revokeKey(operator: Operator, id: string): Promise<RevokedKey> {
  const { row, rowKey } = await keyById(operator, id);
  await operator.client.send(
    new UpdateItemCommand({
      TableName: operator.tableName,
      Key: marshall(rowKey),
      ConditionExpression: 'attribute_exists(pk)',
      UpdateExpression: 'SET disabledByOperator = :yes',
      ExpressionAttributeValues: marshall({ ':yes': true }),
    }),
  );
  return { id, revoked: true, ...(row.successorId === null ? {} : { successorId: row.successorId }) };
}
