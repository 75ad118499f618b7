import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { installationKey } from '../store/keys.ts';
import type { IdentityTable } from '../store/identity-table.ts';

/** Removes every extension installed in an organization. Safe to repeat after having been interrupted. */
export type RemoveInstallations = (organizationId: string) => Promise<void>;

export function removeInstallations(
  client: DynamoDBClient,
  tableName: string,
  table: Pick<IdentityTable, 'query'>,
): RemoveInstallations {
  return async (organizationId) => {
    const { pk } = installationKey(organizationId, '');
    const installed = await table.query(pk);
    await Promise.all(
      installed.map(({ sk }) =>
        client.send(
          new DeleteItemCommand({ TableName: tableName, Key: { pk: { S: pk }, sk: { S: sk?.S ?? '' } } }),
        ),
      ),
    );
  };
}
