import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Breaker } from '../runtime/breaker.ts';
import { mintKey } from '../store/keys.ts';

/** Tokens a user may be given for one extension in one window. */
const most = 60;
/** Milliseconds from the first token of a window to its end. */
const window = 60_000;

/**
 * Counts a token that is about to be minted. `undefined`: it may be; else the seconds after which to ask again.
 *
 * @param now epoch milliseconds
 */
export type CountMint = (userId: string, extensionId: string, now: number) => Promise<number | undefined>;

/**
 * Counts in the table, so that the limit is one over all processes, and exact: the condition of the write says
 * whether a token is left. A window begins with a first token and ends a minute later.
 *
 * @throws {Fault} `store` when DynamoDB does not answer: a token that cannot be counted is not minted
 */
export function mintLimit(client: DynamoDBClient, TableName: string, guard: Breaker): CountMint {
  const write = (userId: string, extensionId: string, change: Change): Promise<Outcome> =>
    guard(async () => {
      const command = new UpdateItemCommand({
        TableName,
        Key: marshall(mintKey(userId, extensionId)),
        UpdateExpression: change.update,
        ConditionExpression: change.when,
        ExpressionAttributeNames: change.names,
        ExpressionAttributeValues: marshall(change.values),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      try {
        await client.send(command);
        return 'counted';
      } catch (cause) {
        if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
        return Number(cause.Item ? unmarshall(cause.Item)['endsAt'] : 0);
      }
    });

  return async (userId, extensionId, now) => {
    const counted = await write(userId, extensionId, next(now));
    if (counted === 'counted') return undefined;
    if (counted > now) return wait(counted, now);
    const begun = await write(userId, extensionId, begin(now));
    if (begun === 'counted') return undefined;
    // Another process began the window in between: count in that one.
    const again = await write(userId, extensionId, next(now));
    return again === 'counted' ? undefined : wait(again, now);
  };
}

/** Counted, or when the window that refused it ends; 0 when there is none. */
type Outcome = 'counted' | number;

interface Change {
  readonly update: string;
  readonly when: string;
  readonly names: Record<string, string> | undefined;
  readonly values: Readonly<Record<string, number>>;
}

const next = (now: number): Change => ({
  update: 'SET uses = uses + :one',
  when: 'endsAt > :now AND uses < :most',
  names: undefined,
  values: { ':one': 1, ':now': now, ':most': most },
});

const begin = (now: number): Change => ({
  update: 'SET uses = :one, endsAt = :end, #ttl = :ttl',
  when: 'attribute_not_exists(endsAt) OR endsAt <= :now',
  // A reserved word of DynamoDB's.
  names: { '#ttl': 'ttl' },
  values: { ':one': 1, ':now': now, ':end': now + window, ':ttl': Math.ceil((now + window) / 1000) },
});

const wait = (endsAt: number, now: number): number => Math.max(1, Math.ceil((endsAt - now) / 1000));
