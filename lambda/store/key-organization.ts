import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { apiKeyKey } from './keys.ts';

/**
 * Notes in a key's row where it acts when no organization is asked for, so that the authorizer reads that
 * organization ahead and saves two round trips (`Principal.likelyOrganizationId`). Nothing is decided by it.
 */
export type NoteOrganization = (hash: string, organizationId: string) => Promise<void>;

export const noteOrganization =
  (client: DynamoDBClient, tableName: string, timeout: number): NoteOrganization =>
  async (hash, organizationId) => {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: marshall(apiKeyKey(hash)),
      // Without it the write would make a row for a key that was just deleted.
      ConditionExpression: 'attribute_exists(pk)',
      UpdateExpression: 'SET likelyOrganizationId = :id',
      ExpressionAttributeValues: marshall({ ':id': organizationId }),
    });
    await client.send(command, { abortSignal: AbortSignal.timeout(timeout) });
  };
