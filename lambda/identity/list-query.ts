import { APIError, createAuthMiddleware } from 'better-auth/api';

/** Endpoints that sort and filter by fields the client names, and the model the fields are of. */
const lists: ReadonlyMap<string, string> = new Map([
  ['/api-key/list', 'apikey'],
  ['/organization/list-members', 'member'],
]);

/**
 * Refuses a list that cannot be made as it was asked for. Better Auth takes any text for a field, and any value
 * beside any operator, and its adapter then throws an error like that of a failing store (1.7.5): a client could
 * ring the operator's alarm at will, and would be told to try again.
 */
export const refuseListQuery = createAuthMiddleware(async ({ path, query, context }) => {
  const model = lists.get(path);
  if (model === undefined) return;
  const fields = context.tables[model]?.fields ?? {};
  const { sortBy, filterField, filterOperator, filterValue }: Readonly<Record<string, unknown>> = query ?? {};
  for (const name of [sortBy, filterField]) {
    // A value that is no text is refused by the endpoint's own schema.
    if (typeof name !== 'string' || name === '' || name === 'id' || Object.hasOwn(fields, name)) continue;
    throw badRequest('UNKNOWN_FIELD', 'There is no such field to sort or filter by');
  }
  const wantsList = filterOperator === 'in' || filterOperator === 'not_in';
  if (filterField !== undefined && wantsList && !Array.isArray(filterValue)) {
    throw badRequest('FILTER_VALUE_NOT_A_LIST', 'This operator compares with a list of values');
  }
});

const badRequest = (code: string, message: string): APIError =>
  new APIError('BAD_REQUEST', { code, message });
