import type { Answer, HttpHandler } from '../http/answer.ts';
import { endpoint, type Call, type EndpointSettings } from '../http/endpoint.ts';
import type { HttpRequest } from '../http/http-event.ts';
import { parseBody } from '../http/json-body.ts';
import { add } from './mutation.ts';
import { decodeCursor } from './record-cursor.ts';
import { isPageLimit, pageLimit, pageProblem, presentPage } from './record-page.ts';
import { fields, present, type Collection } from './record.ts';
import type { RecordsStore } from './records-store.ts';
import { refuse, type Refusal } from '../http/refusal.ts';
import { writeRefusal } from './write-refusal.ts';

export interface RecordsSettings extends EndpointSettings {
  readonly store: RecordsStore;
}

/** GET and POST /v1/records/{entity}: the records of the caller's organization, in the order of their ids. */
export const recordsEndpoint = (settings: RecordsSettings): HttpHandler =>
  endpoint(
    'records',
    (call) => (call.request.method === 'POST' ? create(settings, call) : list(settings, call)),
    settings,
  );

const collectionOf = ({ context, parameter }: Call): Collection => ({
  organizationId: context.organizationId,
  entity: parameter('entity'),
});

async function list({ store }: RecordsSettings, call: Call): Promise<Answer | Refusal> {
  const asked = readPage(call.request);
  if ('error' in asked) return asked;
  const page = await store.list(collectionOf(call), { filter: {}, ...asked.from }, asked.limit);
  return { status: 200, body: presentPage(page) };
}

async function create({ store }: RecordsSettings, call: Call): Promise<Answer | Refusal> {
  const body = parseBody(fields, call.request.body);
  if ('error' in body) return body;
  const added = await add(store, collectionOf(call), body.value);
  return added === 'too_large' ? writeRefusal(added) : { status: 201, body: present(added) };
}

interface AskedPage {
  readonly limit: number;
  readonly from: { readonly after?: string };
}

function readPage({ query }: HttpRequest): AskedPage | Refusal {
  const [limit = String(pageLimit.default), ...otherLimits] = query.get('limit') ?? [];
  if (otherLimits.length > 0 || !/^\d{1,3}$/.test(limit) || !isPageLimit(Number(limit))) {
    return refuse('invalid_request', pageProblem.limit);
  }
  const [cursor, ...otherCursors] = query.get('cursor') ?? [];
  if (cursor === undefined) return { limit: Number(limit), from: {} };
  const after = otherCursors.length > 0 ? undefined : decodeCursor(cursor);
  if (after === undefined) return refuse('invalid_request', pageProblem.cursor);
  return { limit: Number(limit), from: { after } };
}
