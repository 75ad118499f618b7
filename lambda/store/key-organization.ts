import { UpdateItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { apiKeyKey } from './keys.ts';

/**
 * Notes in a key's row where it acts when no organization is asked for, so that the authorizer reads that
 * organization ahead and saves two round trips (`Principal.likelyOrganizationId`), and by its mark a request more.
 */
export type NoteOrganization = (hash: string, organizationId: string, mark: string | null) => Promise<void>;

export const noteOrganization =
  (client: DynamoDBClient, tableName: string): NoteOrganization =>
  async (hash, organizationId, mark) => {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: marshall(apiKeyKey(hash)),
      // Without it the write would make a row for a key that was just deleted.
      ConditionExpression: 'attribute_exists(pk)',
      UpdateExpression:
        mark === null
          ? 'SET likelyOrganizationId = :id REMOVE likelyMark'
          : 'SET likelyOrganizationId = :id, likelyMark = :mark',
      ExpressionAttributeValues: marshall({
        ':id': organizationId,
        ...(mark === null ? {} : { ':mark': mark }),
      }),
    });
    await client.send(command);
  };
