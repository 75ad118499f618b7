import * as v from 'valibot';
import { entityPattern } from '../core/routes.ts';
import { filter } from './record-filter.ts';
import { isPageLimit, pageLimit, pageProblem } from './record-page.ts';
import { decodeCursor } from './record-cursor.ts';
import { fields, recordIdPattern } from './record.ts';

const entity = v.pipe(
  v.string('entity must be text.'),
  v.regex(entityPattern, 'entity must be lower-case letters, digits, "_" and "-", at most 64.'),
);
const idMessage = 'id must be 1 to 128 letters, digits and ". _ : -".';
const id = v.pipe(v.string(idMessage), v.regex(recordIdPattern, idMessage));

const limit = v.pipe(v.number(pageProblem.limit), v.check(isPageLimit, pageProblem.limit));

/** The id after which the page begins. */
const cursor = v.pipe(v.string(pageProblem.cursor), v.transform(decodeCursor), v.string(pageProblem.cursor));

/**
 * Members an action does not take are refused: were they ignored, an update `where` a filter holds would be
 * an update of everything the client did not mean.
 */
const only = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.strictObject(entries, `input takes ${Object.keys(entries).join(', ')}.`);

const findMany = only({
  entity,
  filter: v.optional(filter, {}),
  limit: v.optional(limit, pageLimit.default),
  cursor: v.optional(cursor),
});

const findOne = v.pipe(
  only({ entity, id: v.optional(id), filter: v.optional(filter) }),
  v.check((input) => input.id !== undefined || input.filter !== undefined, 'find_one needs id or filter.'),
);

const mutate = v.variant(
  'operation',
  [
    only({ entity, operation: v.literal('create'), id: v.optional(id), data: fields }),
    only({ entity, operation: v.literal('update'), id, data: fields }),
    only({ entity, operation: v.literal('upsert'), id: v.optional(id), data: fields }),
    only({ entity, operation: v.literal('delete'), id }),
  ],
  'operation must be create, update, upsert or delete.',
);

const shape = 'The body must be a JSON object with action and input, and nothing else.';

/** The body of POST /api/actions/execute. Every message is a constant: it is answered to the client. */
export const action = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('find_many'), input: findMany }, shape),
    v.strictObject({ action: v.literal('find_one'), input: findOne }, shape),
    v.strictObject({ action: v.literal('mutate'), input: mutate }, shape),
  ],
  'action must be find_many, find_one or mutate.',
);

export type Action = v.InferOutput<typeof action>;
export type FindMany = v.InferOutput<typeof findMany>;
export type FindOne = v.InferOutput<typeof findOne>;
export type Mutation = v.InferOutput<typeof mutate>;
