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
    return hasDuplicateMembers(text) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** A string literal, or one of the characters that open, close or separate; in text known to be JSON. */
const token = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

function hasDuplicateMembers(text: string): boolean {
  const open: Set<string>[] = [];
  let literal = '';
  for (const [found] of text.matchAll(token)) {
    if (found === '{' || found === '[') open.push(new Set());
    else if (found === '}' || found === ']') open.pop();
    else if (found !== ':') literal = found;
    else {
      // A name may be escaped (`"\u0073ub"`): compared as parsed.
      const name: unknown = JSON.parse(literal);
      const members = open.at(-1);
      if (typeof name !== 'string' || members?.has(name)) return true;
      members?.add(name);
    }
  }
  return false;
}
