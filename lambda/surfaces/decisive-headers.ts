import {
  credentialLimit,
  headersLimit,
  cookieLimit,
  isOversized,
  readHeaders,
  type Headers,
} from './headers.ts';

/** The headers a decision is made from, and whether all of them together are too large to look at. */
export interface DecisiveHeaders {
  readonly headers: Headers;
  readonly oversized: boolean;
}

const decisive: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'origin',
  'sec-fetch-site',
  'sec-websocket-protocol',
  'x-api-key',
  'x-tenant-id',
]);

/** Most other names are told apart by their length alone, without making a lower-case copy of each. */
const lengths: ReadonlySet<number> = new Set([...decisive].map(({ length }) => length));

/** Most bytes that one UTF-16 code unit becomes in UTF-8. */
const widest = 3;

/**
 * What `readHeaders` and `isOversized` say, of the headers that a decision is made from. Nothing else a client
 * sends can change a decision: it is not even in the request.
 *
 * An event of the usual form (texts; the single values repeat the last of the lists) is read in one pass, and
 * counted in characters as long as that tells. Any other is read in full.
 *
 * @throws {Fault} `event` when headers are no texts
 */
export function readDecisiveHeaders(single: unknown, multiple: unknown): DecisiveHeaders {
  return readUsual(single, multiple) ?? decisiveOf(readHeaders(single, multiple));
}

/** Of all the headers there are. */
export const decisiveOf = (all: Headers): DecisiveHeaders => ({
  headers: new Map([...all].filter(([name]) => decisive.has(name))),
  oversized: isOversized(all),
});

function readUsual(single: unknown, multiple: unknown): DecisiveHeaders | undefined {
  const lists = multiple ?? nothing;
  const values = single ?? nothing;
  if (!isPlain(lists) || !isPlain(values)) return undefined;
  const headers = new Map<string, readonly string[]>();
  const singles = count(values);
  let listed = 0;
  let characters = 0;

  for (const name in lists) {
    const list = lists[name];
    if (!isTexts(list) || (singles > 0 && list[list.length - 1] !== values[name])) return undefined;
    listed += 1;
    characters += name.length * list.length;
    for (const value of list) characters += value.length;
    if (!keep(headers, name, list)) return undefined;
  }
  // One that is in the other member alone could be one of these in another case.
  if (listed > 0 && singles > 0 && listed !== singles) return undefined;
  if (listed === 0) {
    for (const name in values) {
      const value = values[name];
      if (typeof value !== 'string') return undefined;
      characters += name.length + value.length;
      if (!keep(headers, name, [value])) return undefined;
    }
  }
  return characters * widest <= headersLimit ? { headers, oversized: false } : undefined;
}

/** By loops, as all headers are read here: a list of their names would cost a quarter of what reading them does. */
function count(members: Readonly<Record<string, unknown>>): number {
  let found = 0;
  for (const _ in members) found += 1;
  return found;
}

/** `false`: it was there in another case already, or may be over a limit of its own. */
function keep(headers: Map<string, readonly string[]>, name: string, list: readonly string[]): boolean {
  if (!lengths.has(name.length)) return true;
  const lower = name.toLowerCase();
  if (!decisive.has(lower)) return true;
  const [value = ''] = list;
  if (headers.has(lower) || list.length !== 1 || value.length * widest > limitOf(lower)) return false;
  headers.set(lower, list);
  return true;
}

const limitOf = (name: string): number => (name === 'cookie' ? cookieLimit : credentialLimit);

const nothing: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null));

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): value is readonly string[] => {
  if (!Array.isArray(value) || value.length === 0) return false;
  for (const each of value) if (typeof each !== 'string') return false;
  return true;
};
