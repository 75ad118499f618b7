import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type {
  DynamoDBClient,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { attributesOf } from './condition.ts';
import { outcomeUnknown } from './failure.ts';
import type { Update } from './write.ts';

/**
 * Whether an update that was applied can be applied again without anybody noticing: it adds nothing to what is
 * there, and asks for nothing that it changes (else its repetition would answer "refused" to who succeeded).
 */
export function isRepeatable({ change, when }: Update): boolean {
  if (Object.keys(change.add).length > 0) return false;
  const asked = when === undefined ? new Set<string>() : attributesOf(when);
  return ![...Object.keys(change.set), ...change.remove].some((attribute) => asked.has(attribute));
}

/**
 * Sends an update once. An answer that says no (throttled, refused) is an answer, and the SDK may go on from it; but
 * when there is none, the update may have been applied, and sent again it would count twice: that is left to the
 * caller. An UpdateItem has no token by which DynamoDB could tell, and a transaction, which has, makes those who
 * count on one row at the same time cancel each other.
 *
 * @throws {APIError} 503 `OUTCOME_UNKNOWN`
 */
export async function sendOnce(
  client: DynamoDBClient,
  input: UpdateItemCommandInput,
): Promise<UpdateItemCommandOutput> {
  const command = new UpdateItemCommand(input);
  let unanswered: { readonly cause: unknown } | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (wasAnswered(error) || wasNeverSent(error)) throw error;
        unanswered = { cause: error };
        // Without the cause: the SDK would find there what it tries again.
        // oxlint-disable-next-line eslint/preserve-caught-error
        throw new Error('dynamodb adapter: an update without an answer');
      }
    },
    // Within the SDK's retries, which have a high priority.
    { step: 'finalizeRequest', priority: 'low' },
  );
  try {
    // With options, if none: else the SDK would take the middleware of another command, and this one's for others.
    return await client.send(command, {});
  } catch (error) {
    throw unanswered === undefined ? error : outcomeUnknown(unanswered.cause);
  }
}

/** DynamoDB refused it: nothing was written. Of a 5xx it says itself that it may have been. */
function wasAnswered(error: unknown): boolean {
  const metadata: unknown = member(error, '$metadata');
  const status = member(metadata, 'httpStatusCode');
  return typeof status === 'number' && status >= 400 && status < 500;
}

/** There was no connection to send it on. */
function wasNeverSent(error: unknown): boolean {
  const code = member(error, 'code');
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
