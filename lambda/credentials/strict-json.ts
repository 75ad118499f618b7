/**
 * Parses the JSON of one part of a token. `undefined` when it is not JSON, or when an object in it names a
 * member twice: parsers disagree on which of the two counts (RFC 8259 §4), so one of two verifiers could be
 * made to see another subject than the other.
 */
export function parseStrictJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // What is written as it was read says nothing twice. Only other spellings have to be looked at closely.
    if (JSON.stringify(value) === text) return value;
    return hasDuplicateMembers(text, value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** A string literal in text known to be JSON, with the colon that makes a name of it. */
const literal = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/** Are more names written than members were read? Of two with one name, however they are escaped, the last is read. */
function hasDuplicateMembers(text: string, value: unknown): boolean {
  let names = 0;
  for (const [, colon] of text.matchAll(literal)) if (colon) names += 1;
  return names > membersIn(value);
}

/** Members of all objects in it. */
function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const each of Object.values(value)) members += membersIn(each);
  return members;
}
