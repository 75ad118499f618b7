import { Fault } from '../core/fault.ts';
import type { Cookie } from '../core/model.ts';
import { trimmed } from '../core/white-space.ts';

export type Headers = ReadonlyMap<string, readonly string[]>;

/** Limits in bytes of UTF-8. API Gateway's own limit for all headers together is the same. */
export const headersLimit = 10_240;
/** Of an `Authorization` or `x-api-key` value. */
export const credentialLimit = 4096;
export const cookieLimit = 8192;

/**
 * Headers by lower-cased name, from the two members in which REST APIs hand them over. Every value of a
 * repeated header is kept: whoever reads only the last one can be made to see another than the endpoint does.
 */
export function readHeaders(single: unknown, multiple: unknown): Headers {
  const headers = new Map<string, string[]>();
  for (const [name, values] of members(multiple)) {
    if (values !== null && !Array.isArray(values))
      throw new Fault('event', 'A header is not a list of values');
    // Present without a value, in either spelling: never a way to look like none was sent.
    for (const value of values?.length ? values : ['']) add(headers, name, value);
  }
  for (const [name, value] of members(single)) {
    // The single-value member repeats the last value of the list.
    if (!headers.get(name.toLowerCase())?.includes(text(value))) add(headers, name, value);
  }
  return headers;
}

function members(value: unknown): readonly [string, unknown][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    throw new Fault('event', 'Headers are not an object');
  return Object.entries(value);
}

function add(headers: Map<string, string[]>, name: string, value: unknown): void {
  const key = name.toLowerCase();
  const values = headers.get(key);
  if (values) values.push(text(value));
  else headers.set(key, [text(value)]);
}

/** `null` is a header that was sent without a value: present, and not a way to look like none was sent. */
function text(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') throw new Fault('event', 'A header value is not a string');
  return value;
}

/** Too large to look at: parsing and hashing cost time in proportion, and an attacker sends it for free. */
export function isOversized(headers: Headers): boolean {
  let all = 0;
  for (const [name, values] of headers) {
    const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    // A repeated header counts as the one that HTTP APIs join it to, so that all surfaces refuse the same.
    if (bytes + values.length - 1 > limitOf(name)) return true;
    all += bytes + values.length * Buffer.byteLength(name);
  }
  return all > headersLimit;
}

function limitOf(name: string): number {
  if (name === 'authorization' || name === 'x-api-key') return credentialLimit;
  return name === 'cookie' ? cookieLimit : headersLimit;
}

/** The pairs of all Cookie headers, in order (RFC 6265 §5.4). */
export function readCookies(values: readonly string[]): readonly Cookie[] {
  const cookies: Cookie[] = [];
  for (const value of values) {
    for (let start = 0; start <= value.length;) {
      const semicolon = value.indexOf(';', start);
      const end = semicolon === -1 ? value.length : semicolon;
      const equals = value.indexOf('=', start);
      if (equals !== -1 && equals < end) {
        const name = trimmed(value.slice(start, equals));
        if (name !== '') cookies.push({ name, value: trimmed(value.slice(equals + 1, end)) });
      }
      start = end + 1;
    }
  }
  return cookies;
}
