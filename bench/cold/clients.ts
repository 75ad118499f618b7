import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';

/**
 * The least that an authorizer with these two clients can take: it constructs them, fetches both secrets while
 * it loads, and makes the calls it is given, in the order and at the same time as the authorizer makes them. It
 * decides nothing.
 */
const client = new DynamoDBClient(clientSettings());
const secrets = new SecretsManagerClient(clientSettings());

const fetched = Promise.all(
  [process.env['EXTENSION_TOKEN_SECRET_ARN'], process.env['BETTER_AUTH_SECRET_ARN']].map((SecretId) =>
    secrets.send(new GetSecretValueCommand({ SecretId })),
  ),
);

const commands = {
  GetItemCommand: (input: object) => client.send(new GetItemCommand(Object(input))),
  BatchGetItemCommand: (input: object) => client.send(new BatchGetItemCommand(Object(input))),
  QueryCommand: (input: object) => client.send(new QueryCommand(Object(input))),
};

export interface Call {
  readonly command: keyof typeof commands;
  readonly input: object;
}

export interface Calls {
  /** Does the decision need a key ring before it can ask for anything? */
  readonly secretsFirst: boolean;
  /** Groups of calls: those of a group at once, each group after the one before. */
  readonly waves: readonly (readonly Call[])[];
}

export const handler = async ({ secretsFirst, waves }: Calls): Promise<object> => {
  if (secretsFirst) await fetched;
  for (const wave of waves) await Promise.all(wave.map(({ command, input }) => commands[command](input)));
  return {};
};
