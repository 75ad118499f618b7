import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createHash } from 'node:crypto';
import type { World } from './world.ts';
import { credentials } from './secrets.ts';

/**
 * Sets an attribute of a key's row as an operator does: what an owner may not write is out of a client's reach.
 *
 * @param key as presented
 */
export async function setOnKey({ stack }: World, key: string, name: string, value: unknown): Promise<void> {
  const { dynamodb, region, table } = stack.urls;
  const client = new DynamoDBClient({ endpoint: dynamodb, region, credentials });
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: marshall({ pk: `apikey#${createHash('sha256').update(key).digest('base64url')}`, sk: '#' }),
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
