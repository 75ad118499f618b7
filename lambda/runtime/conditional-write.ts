import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/**
 * The outcome of a conditional write; `undefined` when its condition did not hold. Inside the call, so that a
 * refused condition does not count as a failure of DynamoDB.
 */
export async function ifHolds<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return undefined;
    throw cause;
  }
}
