import type { AuthContext } from '../../lambda/context/auth-context.ts';
import type { HttpHandler } from '../../lambda/http/answer.ts';
import { call, type Reply } from './endpoint-call.ts';

export const recordsRoute = (entity: string) => ({ route: '/v1/records/{entity}', parameters: { entity } });

export const create = (
  endpoint: HttpHandler,
  context: AuthContext,
  body: unknown,
  entity = 'contact',
): Promise<Reply> => call(endpoint, { ...recordsRoute(entity), method: 'POST', body, context });

export const list = (
  endpoint: HttpHandler,
  context: AuthContext,
  query: Readonly<Record<string, string>> = {},
  entity = 'contact',
): Promise<Reply> => call(endpoint, { ...recordsRoute(entity), method: 'GET', query, context });

export interface Listed {
  readonly records: readonly { readonly id: string; readonly n?: number }[];
  readonly next?: string;
}

const isListed = (body: unknown): body is Listed =>
  typeof body === 'object' && body !== null && 'records' in body;

/** A page of contacts that is there. */
export async function page(
  endpoint: HttpHandler,
  context: AuthContext,
  query: Readonly<Record<string, string>> = {},
): Promise<Listed> {
  const { status, body } = await list(endpoint, context, query);
  if (status !== 200 || !isListed(body)) throw new Error(`not a page: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** Contacts that are numbered from 0. */
export async function fill(endpoint: HttpHandler, context: AuthContext, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, n) => create(endpoint, context, { n })));
}
