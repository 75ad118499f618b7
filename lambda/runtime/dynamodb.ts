import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings, unlogged, type ClientLimits } from './aws-client.ts';

/** Region, endpoint and credentials come from the SDK's own environment variables. */
export const dynamodbClient = (limits?: ClientLimits): DynamoDBClient =>
  unlogged(new DynamoDBClient(clientSettings(limits)));
