import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { operationTimeout } from './aws-client.ts';
import type { Breaker } from './breaker.ts';

/** Makes one call to DynamoDB within its time. @throws {Fault} `store` when it does not answer, or with an error */
export const storeCall = <T>(guard: Breaker, call: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
  guard(() => call(AbortSignal.timeout(operationTimeout)));

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
