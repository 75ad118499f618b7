import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings } from './aws-client.ts';

/** Region, endpoint and credentials come from the SDK's own environment variables. */
export const dynamodbClient = (): DynamoDBClient => new DynamoDBClient(clientSettings());
