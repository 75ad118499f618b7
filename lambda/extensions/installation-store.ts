import {
  DeleteItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Breaker } from '../runtime/breaker.ts';
import { installationKey } from '../store/keys.ts';
import type { Installation } from './installation.ts';

/** Writes installations; the authorizer and the token issuer read them through `readInstallation`. */
export interface InstallationStore {
  /** Installs the extension, or replaces what was installed. @param now epoch milliseconds */
  readonly put: (organizationId: string, installation: Installation, now: number) => Promise<void>;
  /** Nothing when it is not installed. */
  readonly remove: (organizationId: string, extensionId: string) => Promise<void>;
}

/** @throws {Fault} `store`, from every method, when DynamoDB does not answer in time or answers with an error */
export function installationStore(
  client: DynamoDBClient,
  TableName: string,
  guard: Breaker,
): InstallationStore {
  const key = (organizationId: string, extensionId: string): Record<string, AttributeValue> =>
    marshall(installationKey(organizationId, extensionId));

  return {
    async put(organizationId, { extensionId, ...installation }, now) {
      const at = new Date(now).toISOString();
      const attributes = Object.entries({ organizationId, extensionId, ...installation, updatedAt: at });
      const assignments = [
        ...attributes.map(([name]) => `#${name} = :${name}`),
        '#createdAt = if_not_exists(#createdAt, :updatedAt)',
      ];
      const names = [...attributes.map(([name]) => name), 'createdAt'];
      const command = new UpdateItemCommand({
        TableName,
        Key: key(organizationId, extensionId),
        // One write, so that of two at once one is left, whole; and the moment of the first is kept.
        UpdateExpression: `SET ${assignments.join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
        ExpressionAttributeValues: marshall(
          Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
        ),
      });
      await guard(() => client.send(command));
    },

    async remove(organizationId, extensionId) {
      const command = new DeleteItemCommand({ TableName, Key: key(organizationId, extensionId) });
      await guard(() => client.send(command));
    },
  };
}
