import { createHash } from 'node:crypto';

/** The primary key of an item. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Sort key of every item that is alone in its partition: a row keyed by one field, a pointer. */
export const ALONE = '#';

/** DynamoDB's limits for key values, in bytes of UTF-8. */
export const PARTITION_KEY_BYTES = 2048;
export const SORT_KEY_BYTES = 1024;

/** Marks a value that stands in a key as its digest because it is too long to stand there itself. */
const DIGESTED = 'sha256:';

/** SHA-256 of the UTF-8 bytes, base64url without padding: how secrets stand in keys. */
export function digest(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}

/**
 * A field's value as it stands in a key; undefined where there is none, for nothing is unique or listed by
 * an absent value.
 */
export function keyText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

/** `<prefix>#<value>`. No prefix contains `#`, so two different pairs never make the same key. */
export function partitionKey(prefix: string, text: string): string {
  return `${prefix}#${fitting(text, PARTITION_KEY_BYTES - Buffer.byteLength(prefix) - 1)}`;
}

/**
 * Parts of a sort key. One part stands as it is; several are escaped before they are joined, or the
 * pairs (`a#b`, `c`) and (`a`, `b#c`) would be one item.
 */
export function sortKey(parts: readonly string[]): string {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return fitting(only, SORT_KEY_BYTES);
  return fitting(
    parts.map((part) => part.replaceAll('%', '%25').replaceAll('#', '%23')).join('#'),
    SORT_KEY_BYTES,
  );
}

/**
 * The text, or its digest where it is too long. A text that itself looks like such a digest is digested
 * too: else somebody could register the stand-in of another's long value. The empty text, which no sort key
 * may be, is the bare mark.
 */
function fitting(text: string, bytes: number): string {
  if (text === '') return DIGESTED;
  if (Buffer.byteLength(text) <= bytes && !text.startsWith(DIGESTED)) return text;
  return `${DIGESTED}${digest(text)}`;
}

/** One text per key, for maps. */
export function keyId(key: Key): string {
  return JSON.stringify([key.pk, key.sk]);
}

export function sameKey(a: Key, b: Key): boolean {
  return a.pk === b.pk && a.sk === b.sk;
}
