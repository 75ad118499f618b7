import { recordIdPattern } from './record.ts';

/**
 * Where a page ended: the id of its last record and nothing else. Organization and entity of the next page
 * come from the authorizer's context and the request, so a cursor taken from elsewhere, or made up, only
 * chooses a place in the caller's own list. It needs no signature.
 */
export const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

/** The id; `undefined` when it is no cursor of ours in its only spelling. */
export function decodeCursor(cursor: string): string | undefined {
  const id = Buffer.from(cursor, 'base64url').toString();
  return recordIdPattern.test(id) && encodeCursor(id) === cursor ? id : undefined;
}
