import {
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { Fault } from '../core/fault.ts';
import type { Breaker } from '../runtime/breaker.ts';
import { ifHolds } from '../runtime/conditional-write.ts';
import { partition, queryOf, type Selection } from './record-query.ts';
import { storedFields, type Collection, type CrmRecord, type Fields } from './record.ts';

/** A part of a list, in the order of ids. It may be shorter than asked for although more follow. */
export interface Page {
  readonly records: readonly CrmRecord[];
  /** The id after which the next page begins; absent on the last. */
  readonly next?: string;
}

export type WriteFailure = 'missing' | 'exists' | 'too_large';

/**
 * The CRM's records. Every operation is on one collection, whose organization is the first part of every key:
 * nothing a caller can name reaches into another's. Reads are strongly consistent; nothing is scanned.
 */
export interface RecordsStore {
  /** @param limit records at most, at least 1 */
  readonly list: (collection: Collection, selection: Selection, limit: number) => Promise<Page>;
  /** Fails with `exists` when the id is taken. */
  readonly create: (
    collection: Collection,
    id: string,
    fields: Fields,
  ) => Promise<CrmRecord | 'exists' | 'too_large'>;
  /** Sets the named fields and leaves the others. Two updates of different fields at once both hold. */
  readonly update: (
    collection: Collection,
    id: string,
    fields: Fields,
  ) => Promise<CrmRecord | 'missing' | 'too_large'>;
  readonly remove: (collection: Collection, id: string) => Promise<'removed' | 'missing'>;
}

/** Characters of JSON in a page, beyond its first record: a Lambda function may answer with 6 MB. */
const pageSize = 1024 * 1024;
/** Records one Query looks at when it filters; more would take it longer than a call may. */
const lookedAt = 250;
/** Queries for one page: a filter that few records match gives short pages instead of slow ones. */
const rounds = 8;

/** @throws {Fault} `store`, from every method, when DynamoDB does not answer in time or answers with an error */
export function recordsStore(client: DynamoDBClient, TableName: string, guard: Breaker): RecordsStore {
  const key = (collection: Collection, id: string): Record<string, AttributeValue> => ({
    pk: { S: partition(collection) },
    sk: { S: id },
  });

  return {
    async list(collection, selection, limit) {
      const found: CrmRecord[] = [];
      let size = 0;
      let after = selection.after;
      for (let round = 0; round < rounds; round += 1) {
        const query = queryOf(collection, { ...selection, ...(after === undefined ? {} : { after }) });
        if (!query) return { records: [] };
        // One more than asked for tells whether anything follows.
        const Limit = query.FilterExpression ? lookedAt : limit + 1 - found.length;
        const command = new QueryCommand({ ...query, TableName, Limit });
        const page = await guard(() => client.send(command));
        for (const record of (page.Items ?? []).map(readRecord)) {
          size += JSON.stringify(record.fields).length;
          const last = found.at(-1);
          if (last && (found.length === limit || size > pageSize)) return { records: found, next: last.id };
          found.push(record);
        }
        after = page.LastEvaluatedKey?.sk?.S;
        if (after === undefined) return { records: found };
      }
      return { records: found, ...(after === undefined ? {} : { next: after }) };
    },

    async create(collection, id, fields) {
      const command = new PutItemCommand({
        TableName,
        Item: { ...key(collection, id), ...marshall({ data: fields }) },
        ConditionExpression: 'attribute_not_exists(pk)',
      });
      const written = await guard(() => fitting(ifHolds(client.send(command))));
      if (written === 'too_large') return written;
      return written ? { id, fields } : 'exists';
    },

    async update(collection, id, fields) {
      const command = new UpdateItemCommand({
        TableName,
        Key: key(collection, id),
        ...assignments(fields),
        // Without it an update that lost a race with a delete would bring back a record of a few fields.
        ConditionExpression: 'attribute_exists(pk)',
        ReturnValues: 'ALL_NEW',
      });
      const written = await guard(() => fitting(ifHolds(client.send(command))));
      if (written === 'too_large') return written;
      return written?.Attributes ? readRecord(written.Attributes) : 'missing';
    },

    async remove(collection, id) {
      const command = new DeleteItemCommand({
        TableName,
        Key: key(collection, id),
        ConditionExpression: 'attribute_exists(pk)',
      });
      const removed = await guard(() => ifHolds(client.send(command)));
      return removed ? 'removed' : 'missing';
    },
  };
}

/** Field names stand behind placeholders: one may hold dots, or be a word of DynamoDB's. */
function assignments(
  fields: Fields,
): Pick<
  UpdateItemCommand['input'],
  'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> {
  const entries = Object.entries(fields);
  // An update of no field still has to tell whether the record is there.
  if (entries.length === 0) {
    return { UpdateExpression: 'SET #d = #d', ExpressionAttributeNames: { '#d': 'data' } };
  }
  const named = entries.map(([name], index): [string, string] => [`#${index}`, name]);
  const values = entries.map(([, value], index): [string, unknown] => [`:${index}`, value]);
  return {
    UpdateExpression: `SET ${entries.map((_, index) => `#d.#${index} = :${index}`).join(', ')}`,
    ExpressionAttributeNames: { '#d': 'data', ...Object.fromEntries(named) },
    ExpressionAttributeValues: marshall(Object.fromEntries(values)),
  };
}

/** An item holds 400 KB; DynamoDB says so of a larger one by the text of a ValidationException alone. */
async function fitting<T>(write: Promise<T>): Promise<T | 'too_large'> {
  try {
    return await write;
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'ValidationException' && /item size/i.test(cause.message)) {
      return 'too_large';
    }
    throw cause;
  }
}

const item = v.object({ sk: v.string(), data: storedFields });

function readRecord(raw: Record<string, AttributeValue>): CrmRecord {
  const parsed = v.safeParse(item, unmarshall(raw));
  if (!parsed.success) throw new Fault('store', 'A stored record has an unexpected shape');
  return { id: parsed.output.sk, fields: parsed.output.data };
}
