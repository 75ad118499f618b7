import * as v from 'valibot';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What a record holds besides its id. */
export type Fields = Readonly<Record<string, Json>>;

/** A record of the CRM. */
export interface CrmRecord {
  readonly id: string;
  readonly fields: Fields;
}

/** Records of one kind in one organization: the boundary no operation on records crosses. */
export interface Collection {
  /** From the authorizer's context, never from the request. */
  readonly organizationId: string;
  /** Matches `entityPattern`. */
  readonly entity: string;
}

/** The record as clients see it; no field is called `id`. */
export const present = ({ id, fields }: CrmRecord): Fields => ({ id, ...fields });

/** Ids that the Action API may choose; ours are UUIDs. */
export const recordIdPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;

/** Fields one write may name: an update spends 16 of the 4,096 bytes of an expression on each. */
const fieldLimit = 200;
/** Bytes of a field's name. */
const nameLimit = 255;
/** Levels of nesting: DynamoDB stores 32. */
const depthLimit = 16;

/** Below this DynamoDB keeps no number but 0 ("Naming rules and data types", developer guide). */
const smallestNumber = 1e-130;

/** The fields of a record as sent by a client. A field set to null is kept, as null. */
export const fields = v.pipe(
  v.custom<Fields>(isObject, 'The fields of a record must be a JSON object.'),
  v.check(hasNoId, 'The field name "id" is reserved.'),
  v.check(
    (value) => Object.keys(value).length <= fieldLimit,
    `A record takes at most ${fieldLimit} fields at a time.`,
  ),
  v.check(
    (value) => isStorable(value, depthLimit),
    `A field holds text, numbers up to 2^53 − 1, booleans, null, and lists and objects of them, nested at most ` +
      `${depthLimit} deep; a name has 1 to ${nameLimit} bytes and is not "__proto__".`,
  ),
);

/** The fields of a record as stored. */
export const storedFields = v.pipe(v.custom<Fields>(isObject), v.check(hasNoId));

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasNoId(value: Fields): boolean {
  return !Object.hasOwn(value, 'id');
}

/**
 * Comes back from the store as it went in: what it would round, refuse or lose is refused before.
 *
 * @param depth levels of lists and objects it may have
 */
export function isStorable(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return isStorableNumber(value);
  if (typeof value !== 'object' || depth === 0) return false;
  if (Array.isArray(value)) return value.every((each) => isStorable(each, depth - 1));
  return Object.entries(value).every(([name, each]) => isFieldName(name) && isStorable(each, depth - 1));
}

/** Larger ones are no exact integers any more (RFC 7493 §2.2), and the SDK refuses them. */
const isStorableNumber = (value: number): boolean =>
  Math.abs(value) <= Number.MAX_SAFE_INTEGER && (value === 0 || Math.abs(value) >= smallestNumber);

/** `__proto__` is lost, or worse, wherever an object is copied by assignment: also in the SDK. */
export const isFieldName = (name: string): boolean =>
  name !== '' && Buffer.byteLength(name) <= nameLimit && name !== '__proto__' && name.isWellFormed();
