import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { CommandFailure } from './failure.ts';
import type { Target, TargetOptions } from './target.ts';

/** Output of the stack that names the function whose configuration is the deployment's. */
const functionOutput = 'RestAuthorizerFunction';

/** A deployed stack, found by its name; credentials come from the profile or the SDK's own chain. */
export async function awsTarget({ profile, region, stack }: TargetOptions): Promise<Target> {
  if (stack === undefined) {
    throw new CommandFailure('usage', 'Name the stack with --stack, for example crm-authorizer-production.');
  }
  const place = {
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
  };
  const variables = await configurationOf(stack, place);
  const settings = { ...clientSettings({ requestTimeout: 2000 }), ...place };
  const clients = {
    dynamodb: new DynamoDBClient(settings),
    secretsManager: new SecretsManagerClient(settings),
  };
  const config = readConfig(variables);
  await connect(clients.dynamodb, config.authTable);
  return {
    ...clients,
    config,
    close: () => {
      clients.dynamodb.destroy();
      clients.secretsManager.destroy();
    },
  };
}

/** A first connection from far away takes longer than the decision path waits for an answer. */
async function connect(client: DynamoDBClient, table: string): Promise<void> {
  const nothing = { pk: { S: '-' }, sk: { S: '-' } };
  await client.send(new GetItemCommand({ TableName: table, Key: nothing })).catch(() => undefined);
}

/** What the deployed authorizer is told: only then do we decide as it does. */
async function configurationOf(
  stack: string,
  place: { readonly profile?: string; readonly region?: string },
): Promise<Readonly<Record<string, string>>> {
  const cloudFormation = new CloudFormationClient(place);
  const lambda = new LambdaClient(place);
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks[0]?.Outputs ?? [];
    const name = outputs.find(({ OutputKey }) => OutputKey === functionOutput)?.OutputValue;
    if (name === undefined) {
      throw new CommandFailure(
        'no_stack',
        `The stack ${stack} has no output ${functionOutput}: is it one of ours?`,
      );
    }
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    return Environment?.Variables ?? {};
  } catch (cause) {
    if (cause instanceof CommandFailure) throw cause;
    const reason = cause instanceof Error ? cause.message : 'unknown error';
    throw new CommandFailure('unavailable', `AWS cannot be asked about ${stack}: ${reason}`, { cause });
  } finally {
    cloudFormation.destroy();
    lambda.destroy();
  }
}
