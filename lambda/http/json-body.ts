import * as v from 'valibot';
import { refuse, type Refusal } from './refusal.ts';

/** Bytes of a request body: well under what one item of DynamoDB holds (400 KB). */
export const bodyLimit = 256 * 1024;

/**
 * Parses a JSON object, whatever its media type says. Every message of the schema is answered to the client, so
 * they must be constants: valibot's own quote what was received.
 *
 * @param empty what an empty body stands for. Absent: an empty body is refused
 */
export function parseBody<Schema extends v.GenericSchema>(
  schema: Schema,
  body: Uint8Array,
  empty?: object,
): Parsed<v.InferOutput<Schema>> {
  if (body.byteLength > bodyLimit) return invalid(`The body is larger than ${bodyLimit} bytes.`);
  const value = body.byteLength === 0 ? empty : parseJson(body);
  // A list is an object to valibot, and one without required members would take it.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalid('The body must be a JSON object in UTF-8.');
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? { value: parsed.output } : invalid(parsed.issues[0].message);
}

export type Parsed<T> = { readonly value: T } | Refusal;

const invalid = (message: string): Refusal => refuse('invalid_request', message);

/** Bytes that are not UTF-8 are refused, not replaced: two different bodies would become one. */
function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
