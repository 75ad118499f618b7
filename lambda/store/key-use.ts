import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { Fault } from '../core/fault.ts';
import { unkept } from '../core/lease.ts';
import type { Tenancy } from '../core/model.ts';
import type { Breaker } from '../runtime/breaker.ts';
import { cache } from '../runtime/cache.ts';
import type { Clock } from '../runtime/clock.ts';
import type { IdentityTable } from './identity-table.ts';
import { apiKeyKey } from './keys.ts';
import { noteOrganization } from './key-organization.ts';
import { changesRow, planUse, refusalOf, type UseRefusal } from './key-limits.ts';
import { iso, useWrite } from './key-use-write.ts';
import { readApiKey, type ApiKeyRow } from './rows.ts';

export interface CountedUse {
  /** The key's row after the use; absent when the key is gone. */
  readonly row?: ApiKeyRow;
  readonly refusal?: UseRefusal;
}

/** The uses of API keys. `now` is epoch milliseconds throughout. */
export interface KeyUses {
  /**
   * Counts one use of a key with limits. Exact: of any number of uses at once as many pass as there are.
   *
   * @param known the row, which may be a moment old: it only says what to try first
   * @throws {Fault} `store` when DynamoDB does not answer. Whether the use was counted is then not known; it was
   *   not let through. (An answer that is lost on the way and asked for again can count twice, never not at all.)
   */
  readonly count: (hash: string, known: ApiKeyRow, now: number) => Promise<CountedUse>;
  /** Notes when a key without limits was used: at most once a minute, and nobody waits for it or sees it fail. */
  readonly note: (hash: string, known: ApiKeyRow, now: number) => void;
  /** Notes where a key acts unless its row says so already; as best it can, and nobody waits for it either. */
  readonly noteOrganization: (hash: string, known: ApiKeyRow, where: Tenancy) => void;
  /** Writes sent so far. */
  readonly writes: () => number;
}

/** Each try learns what the row is now, and only a change of the limits themselves can spoil the next. */
const tries = 6;
/** Milliseconds. */
const noteInterval = 60_000;
const notedKeys = 4096;

export function keyUses(
  client: DynamoDBClient,
  table: string,
  reader: Pick<IdentityTable, 'get'>,
  guard: Breaker,
  clock: Clock,
): KeyUses {
  const noted = cache<true>(noteInterval, notedKeys, clock);
  let writes = 0;

  /** The row after the write, or what refused it; neither where there is no such key. */
  const write = (command: UpdateItemCommand): Promise<{ done?: ApiKeyRow; found?: ApiKeyRow }> =>
    guard(async () => {
      writes += 1;
      try {
        const { Attributes } = await client.send(command);
        return Attributes ? { done: readApiKey(Attributes) } : {};
      } catch (cause) {
        if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
        return cause.Item ? { found: readApiKey(cause.Item) } : {};
      }
    });

  const noteActing = noteOrganization(client, table);
  const noteUsed = async (hash: string, now: number): Promise<void> => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: marshall(apiKeyKey(hash)),
      ConditionExpression:
        'attribute_exists(pk) AND (attribute_not_exists(lastRequest) OR lastRequest <= :before)',
      UpdateExpression: 'SET lastRequest = :now',
      ExpressionAttributeValues: marshall({ ':now': iso(now), ':before': iso(now - noteInterval) }),
    });
    await client.send(command);
  };

  /** At most once in a minute. Refused (another process noted it) or failed: then there is another chance. */
  const noteOnce = (name: string, note: () => Promise<void>): void => {
    void noted.get(name, unkept, async () => {
      writes += 1;
      // The reads of the decision are on their way by then: it waits for them, and for this nobody does.
      await new Promise((resolve) => setImmediate(resolve));
      await note().catch(() => undefined);
      return true;
    });
  };

  return {
    writes: () => writes,
    async count(hash, known, now) {
      let row = known;
      let certain = false;
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const use = planUse(row, now);
        const refusal = refusalOf(use);
        if (changesRow(use)) {
          const { done, found } = await write(new UpdateItemCommand(useWrite(table, hash, use, row, now)));
          if (done) return { row: done, ...(refusal ? { refusal } : {}) };
          if (!found) return {};
          row = found;
        } else {
          if (certain) return { row, ...(refusal ? { refusal } : {}) };
          // A refusal needs the row as it is: uses may have been added since it was read.
          const current = await reader.get(apiKeyKey(hash));
          if (!current) return {};
          row = readApiKey(current);
        }
        certain = true;
      }
      throw new Fault('store', 'The limits of an API key change faster than a use can be counted');
    },
    note(hash, { lastRequest }, now) {
      if (lastRequest !== null && now - lastRequest < noteInterval) return;
      noteOnce(`used ${hash}`, () => noteUsed(hash, now));
    },
    noteOrganization(hash, { likelyOrganizationId, likelyMark }, { organization: { id }, mark = null }) {
      if (likelyOrganizationId === id && likelyMark === mark) return;
      noteOnce(`acts ${hash}`, () => noteActing(hash, id, mark));
    },
  };
}

/** Says what a use would meet, from the row as it is, and writes nothing. */
export function keyUsePreview(reader: Pick<IdentityTable, 'get'>): KeyUses {
  return {
    writes: () => 0,
    async count(hash, _known, now) {
      const item = await reader.get(apiKeyKey(hash));
      if (!item) return {};
      const row = readApiKey(item);
      const refusal = refusalOf(planUse(row, now));
      return { row, ...(refusal ? { refusal } : {}) };
    },
    note: () => undefined,
    noteOrganization: () => undefined,
  };
}
