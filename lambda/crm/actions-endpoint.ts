import type { Answer, HttpHandler } from '../http/answer.ts';
import { action, type Action, type FindMany, type FindOne } from './action.ts';
import { endpoint, type Call, type EndpointSettings } from '../http/endpoint.ts';
import { parseBody } from '../http/json-body.ts';
import { mutate } from './mutation.ts';
import { presentPage } from './record-page.ts';
import { present, type Collection } from './record.ts';
import { requireScope } from '../http/recheck.ts';
import type { RecordsStore } from './records-store.ts';
import { refuse, type Refusal } from '../http/refusal.ts';

export interface ActionsSettings extends EndpointSettings {
  readonly store: RecordsStore;
}

/** POST /api/actions/execute: what extensions do with records, each action within its own record scope. */
export const actionsEndpoint = (settings: ActionsSettings): HttpHandler =>
  endpoint('actions', (call) => execute(settings, call), settings);

async function execute({ store }: ActionsSettings, { request, context }: Call): Promise<Answer | Refusal> {
  const body = parseBody(action, request.body);
  if ('error' in body) return body;
  const asked = body.value;
  const { entity } = asked.input;
  // The route's own scope lets a token in; this is what it may do to these records.
  const access = asked.action === 'mutate' ? 'write' : 'read';
  const refusal = requireScope(context, `records:${access}:${entity}`);
  if (refusal) return refusal;

  const outcome = await perform(store, { organizationId: context.organizationId, entity }, asked);
  return 'error' in outcome ? outcome : { status: 200, body: outcome };
}

interface Outcome {
  readonly result: object | null;
}

function perform(store: RecordsStore, within: Collection, asked: Action): Promise<Outcome | Refusal> {
  switch (asked.action) {
    case 'find_many':
      return findMany(store, within, asked.input);
    case 'find_one':
      return findOne(store, within, asked.input);
    case 'mutate':
      return mutate(store, within, asked.input);
  }
}

async function findMany(store: RecordsStore, within: Collection, input: FindMany): Promise<Outcome> {
  const { filter, limit, cursor } = input;
  const selection = { filter, ...(cursor === undefined ? {} : { after: cursor }) };
  return { result: presentPage(await store.list(within, selection, limit)) };
}

/** Pages looked through for one record: 50,000 records. */
const pages = 25;

/** The first record, by id, that matches; null when none does. */
async function findOne(
  store: RecordsStore,
  within: Collection,
  { id, filter: others = {} }: FindOne,
): Promise<Outcome | Refusal> {
  const filter = id === undefined ? others : { ...others, id };
  let after: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const { records, next } = await store.list(
      within,
      { filter, ...(after === undefined ? {} : { after }) },
      1,
    );
    const [record] = records;
    if (record) return { result: present(record) };
    if (next === undefined) return { result: null };
    after = next;
  }
  // `null` would claim that there is none.
  return refuse('invalid_request', 'Too many records to look through: find by id, or page with find_many.');
}
