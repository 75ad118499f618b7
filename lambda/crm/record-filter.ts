import * as v from 'valibot';
import { isFieldName, isStorable } from './record.ts';

/** Values a field can be compared with. */
export type Scalar = string | number | boolean | null;

/** Equality on fields, all of them; `id` is one. A field that is absent equals nothing, not even null. */
export type Filter = Readonly<Record<string, Scalar>>;

/** Fields a filter may name. */
const limit = 20;

/** A filter as sent by a client. */
export const filter = v.pipe(
  v.custom<Filter>(isFilter, 'filter must be an object of field names and text, numbers, booleans or null.'),
  v.check((value) => Object.keys(value).length <= limit, `filter takes at most ${limit} fields.`),
);

function isFilter(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, each]) => isFieldName(name) && isStorable(each, 0));
}
