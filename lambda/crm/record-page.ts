import { encodeCursor } from './record-cursor.ts';
import { present, type Fields } from './record.ts';
import type { Page } from './records-store.ts';

/** Records a page may have, and has unless asked otherwise. */
export const pageLimit = { largest: 100, default: 25 } as const;

/** What is wrong with a page that was asked for. */
export const pageProblem = {
  limit: `limit must be a whole number from 1 to ${pageLimit.largest}.`,
  cursor: 'cursor must be what "next" of the page before said.',
} as const;

export const isPageLimit = (limit: number): boolean =>
  Number.isInteger(limit) && limit >= 1 && limit <= pageLimit.largest;

/** A page as clients see it: `next` is the cursor of the page after, absent on the last. */
export const presentPage = ({
  records,
  next,
}: Page): { readonly records: readonly Fields[]; readonly next?: string } => ({
  records: records.map(present),
  ...(next === undefined ? {} : { next: encodeCursor(next) }),
});
