import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { apiKeyKey } from './keys.ts';
import type { KeyUse } from './key-limits.ts';
import type { ApiKeyRow } from './rows.ts';

/**
 * Every attribute a use may name: the authorizer's role may write these of a key's row and no other, so that no
 * bug in it gives a key an owner, a scope or a longer life.
 */
export const countedAttributes = [
  'pk',
  'sk',
  'remaining',
  'refillAmount',
  'refillInterval',
  'lastRefillAt',
  'rateLimitMax',
  'rateLimitTimeWindow',
  'requestCount',
  'lastRequest',
  'likelyOrganizationId',
  'likelyMark',
] as const;

interface Change {
  /** All of them must hold of the row as it is when it is written. */
  readonly when: readonly string[];
  readonly set: readonly string[];
  readonly values: Readonly<Record<string, string | number>>;
}

const nothing: Change = { when: [], set: [], values: {} };

/** The dates of rows are compared as text, which DynamoDB can, and so never before 1970. */
export const iso = (time: number): string => new Date(Math.max(time, 0)).toISOString();

/**
 * One use as one conditional write. What was planned on a row that may be a moment old is decided again here:
 * the condition says for itself that a use is left and in which window it falls, so of any number of uses at
 * once exactly as many pass as there are. DynamoDB's conditions have no arithmetic, so moments are compared
 * with what the row's own window and interval make of `now`, and both are part of the condition.
 */
export function useWrite(
  table: string,
  hash: string,
  use: KeyUse,
  row: ApiKeyRow,
  now: number,
): UpdateItemCommandInput {
  const changes = [quotaChange(use, row, now), windowChange(use, row, now), requestChange(use, now)];
  return {
    TableName: table,
    Key: marshall(apiKeyKey(hash)),
    // Without it the write would make a row for a key that was just deleted.
    ConditionExpression: ['attribute_exists(pk)', ...changes.flatMap(({ when }) => when)].join(' AND '),
    UpdateExpression: `SET ${changes.flatMap(({ set }) => set).join(', ')}`,
    ExpressionAttributeValues: marshall(Object.assign({}, ...changes.map(({ values }) => values))),
    ReturnValues: 'ALL_NEW',
    // A refused condition says at once what the row is now, without another read.
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

function quotaChange({ quota }: KeyUse, { refillInterval }: ApiKeyRow, now: number): Change {
  if (quota === 'take') {
    return {
      when: ['remaining > :none'],
      set: ['remaining = remaining - :one'],
      values: { ':none': 0, ':one': 1 },
    };
  }
  if (quota !== 'refill') return nothing;
  return {
    // Of many that find a refill due, one refills; the others find it done.
    when: [absent('lastRefillAt', 'lastRefillAt < :refillDue'), 'refillInterval = :refillInterval'],
    set: ['remaining = refillAmount - :one', 'lastRefillAt = :now'],
    values: {
      ':refillDue': iso(now - (refillInterval ?? 0)),
      ':refillInterval': refillInterval ?? 0,
      ':null': 'NULL',
      ':one': 1,
      ':now': iso(now),
    },
  };
}

function windowChange({ window }: KeyUse, row: ApiKeyRow, now: number): Change {
  if (window === 'none') return nothing;
  const length = row.rateLimitTimeWindow ?? 0;
  const bounds = { ':windowStart': iso(now - length), ':window': length };
  const sameWindow = 'rateLimitTimeWindow = :window';
  switch (window) {
    case 'start':
      return {
        when: [absent('lastRequest', 'lastRequest <= :windowStart'), sameWindow],
        set: ['requestCount = :one'],
        values: { ...bounds, ':one': 1, ':null': 'NULL' },
      };
    case 'count':
      return {
        when: [
          'lastRequest > :windowStart',
          // One use per count: of two that find no count, one begins it and the other finds it begun.
          row.requestCount === null ? absent('requestCount') : 'requestCount < rateLimitMax',
          sameWindow,
        ],
        set: [`requestCount = ${row.requestCount === null ? ':one' : 'requestCount + :one'}`],
        values: { ...bounds, ':one': 1, ...(row.requestCount === null ? { ':null': 'NULL' } : {}) },
      };
    case 'spent':
      // A use is taken for nothing only if the window is full in truth.
      return {
        when: ['lastRequest >= :windowStart', 'requestCount >= rateLimitMax', sameWindow],
        set: [],
        values: bounds,
      };
  }
}

/** Has the row no value there? @param or what may hold instead */
const absent = (name: string, ...or: readonly string[]): string =>
  `(${[`attribute_not_exists(${name})`, `attribute_type(${name}, :null)`, ...or].join(' OR ')})`;

/** A use that is refused does not prolong the window. */
const requestChange = ({ window }: KeyUse, now: number): Change =>
  window === 'spent' ? nothing : { when: [], set: ['lastRequest = :now'], values: { ':now': iso(now) } };
