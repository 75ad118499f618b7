import {
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Update } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { CommandFailure } from '../failure.ts';
import type { Operator } from '../operator.ts';
import { discard, draftKey, finishing, type DraftKey, type Guards } from './draft.ts';
import { keyById, type StoredKey } from './stored.ts';

export interface RotatedKey {
  /** Of the successor. */
  readonly id: string;
  /** The successor itself; null where an earlier call made and showed it: nobody can say it again. */
  readonly key: string | null;
  readonly predecessor: { readonly id: string; /** ISO 8601. */ readonly notAfter: string };
}

/**
 * Gives a key a successor with the same owner, name, scopes, limits and guards, and ends the key itself after
 * `grace`. The successor and the end come into force in one transaction. Safe to repeat: a key has one successor,
 * which a second call names without showing it, and its end only ever moves nearer.
 *
 * The successor ends when its predecessor would have, and starts with the uses its predecessor has left.
 *
 * @param grace milliseconds
 * @throws {CommandFailure} when there is no such key, or it is revoked or over
 */
export async function rotateKey(operator: Operator, id: string, grace: number): Promise<RotatedKey> {
  const now = operator.clock();
  const old = await keyById(operator, id);
  if (old.row.successorId !== null) return rotatedBefore(operator, old, now + grace);
  refuseUnfit(old, now);
  const end = Math.min(now + grace, old.row.notAfter ?? Infinity);

  const draft = await draftKey(operator, columnsOf(old));
  try {
    await operator.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Update: succession(operator, old, draft, end) },
          { Update: finishing(operator, draft, configIdOf(old), guardsOf(old)) },
        ],
      }),
    );
  } catch (cause) {
    await discard(operator, draft);
    if (!(cause instanceof TransactionCanceledException)) throw cause;
    // Somebody else was faster: with a rotation, or with a revocation, which is then told.
    const current = await keyById(operator, id);
    if (current.row.successorId !== null) return rotatedBefore(operator, current, now + grace);
    refuseUnfit(current, now);
    throw new CommandFailure('failed', 'The key was changed meanwhile: try again.', { cause });
  }
  await showEnd(operator, old, end);
  return { id: draft.id, key: draft.key, predecessor: { id, notAfter: new Date(end).toISOString() } };
}

function refuseUnfit({ row }: StoredKey, now: number): void {
  if (row.disabledByOperator === true) {
    throw new CommandFailure(
      'refused',
      'The key is revoked: a successor would bring it back. Create a new one.',
    );
  }
  if (Math.min(row.expiresAt ?? Infinity, row.notAfter ?? Infinity) <= now) {
    throw new CommandFailure('refused', 'The key has ended: create a new one.');
  }
}

/** The predecessor's part. Decided again as it is written: one successor, none for a revoked key, no later end. */
const succession = (
  { tableName }: Operator,
  { rowKey }: StoredKey,
  { id }: DraftKey,
  end: number,
): Update => ({
  TableName: tableName,
  Key: marshall(rowKey),
  ConditionExpression:
    'attribute_exists(pk) AND attribute_not_exists(successorId) ' +
    'AND (attribute_not_exists(disabledByOperator) OR disabledByOperator = :no) ' +
    'AND (attribute_not_exists(notAfter) OR notAfter >= :end)',
  UpdateExpression: 'SET successorId = :successor, notAfter = :end',
  ExpressionAttributeValues: marshall({
    ':successor': id,
    ':no': false,
    ':end': new Date(end).toISOString(),
  }),
});

/** An earlier call did it, perhaps without coming to its end. The end may move nearer, never away. */
async function rotatedBefore(operator: Operator, old: StoredKey, wanted: number): Promise<RotatedKey> {
  const { row, rowKey } = old;
  const end = Math.min(wanted, row.notAfter ?? Infinity);
  if (row.notAfter === null || end < row.notAfter) {
    const sooner = new UpdateItemCommand({
      TableName: operator.tableName,
      Key: marshall(rowKey),
      ConditionExpression: 'attribute_exists(pk) AND (attribute_not_exists(notAfter) OR notAfter > :end)',
      UpdateExpression: 'SET notAfter = :end',
      ExpressionAttributeValues: marshall({ ':end': new Date(end).toISOString() }),
    });
    await operator.client.send(sooner);
  }
  await showEnd(operator, old, end);
  return {
    id: row.successorId ?? '',
    key: null,
    predecessor: { id: row.id, notAfter: new Date(end).toISOString() },
  };
}

/** Better Auth's own column, for its pages and for TTL. What is decided by is `notAfter`: no owner can write it. */
async function showEnd({ adapter }: Operator, { row }: StoredKey, end: number): Promise<void> {
  if (row.expiresAt !== null && row.expiresAt <= end) return;
  const where = [{ field: 'id', value: row.id }];
  await adapter.update({ model: 'apikey', where, update: { expiresAt: new Date(end) } });
}

const configIdOf = ({ row }: StoredKey): 'default' | 'organization' =>
  row.configId === 'organization' ? 'organization' : 'default';

const guardsOf = ({ row }: StoredKey): Guards => ({
  ...(row.allowedOrganizations === null ? {} : { allowedOrganizations: row.allowedOrganizations }),
  ...(row.allowedAddresses === null ? {} : { allowedAddresses: row.allowedAddresses }),
  ...(row.notAfter === null ? {} : { notAfter: new Date(row.notAfter).toISOString() }),
});

const columnsOf = ({ row, name, metadata }: StoredKey) => ({
  name,
  metadata,
  referenceId: row.referenceId,
  enabled: row.enabled ?? true,
  expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
  permissions: row.permissions,
  remaining: row.remaining,
  refillAmount: row.refillAmount,
  refillInterval: row.refillInterval,
  // The next refill comes when it would have come.
  lastRefillAt: row.refillInterval === null ? null : new Date(row.lastRefillAt ?? row.createdAt ?? 0),
  rateLimitEnabled: row.rateLimitEnabled ?? true,
  rateLimitMax: row.rateLimitMax,
  rateLimitTimeWindow: row.rateLimitTimeWindow,
});
