import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings, slim, type ClientLimits } from './aws-client.ts';
import { sdkEnvironment } from './sdk-environment.ts';

/** Region, endpoint and credentials come from the SDK's own environment variables. */
export const dynamodbClient = (limits?: ClientLimits): DynamoDBClient =>
  slim(
    new DynamoDBClient({
      ...clientSettings(limits),
      ...sdkEnvironment('DYNAMODB'),
      accountIdEndpointMode: 'preferred',
    }),
  );
