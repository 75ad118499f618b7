import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createHash } from 'node:crypto';
import type { LocalStack } from '../../../local/stack.ts';
import { credentials } from './secrets.ts';

/** A row's primary key in the identity table. */
export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** @param key as presented */
export const keyRow = (key: string): RowKey => ({ pk: `apikey#${digest(key)}`, sk: '#' });

/** @param cookie the value of a session's signed cookie */
export const sessionRow = (cookie: string): RowKey => ({
  pk: `session#${digest(decodeURIComponent(cookie).split('.')[0] ?? '')}`,
  sk: '#',
});

export const memberRow = (userId: string, organizationId: string): RowKey => ({
  pk: `member.userId#${userId}`,
  sk: organizationId,
});

/** Sets an attribute of a row that is there, as an operator does: no client may write it, or none so. */
export async function setOnRow(
  { urls }: LocalStack,
  row: RowKey,
  name: string,
  value: unknown,
): Promise<void> {
  const client = new DynamoDBClient({ endpoint: urls.dynamodb, region: urls.region, credentials });
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: urls.table,
        Key: marshall({ ...row }),
        ConditionExpression: 'attribute_exists(pk)',
        UpdateExpression: 'SET #name = :value',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: marshall({ ':value': value }),
      }),
    );
  } finally {
    client.destroy();
  }
}
