/**
 * IAM's evaluation of an authorizer's policy, written from "Policy evaluation logic" and "IAM JSON policy
 * elements: Resource" (IAM user guide) and from nothing of ours: no statement → refused, an explicit Deny
 * wins, `*` is any run of characters with `/` among them, `?` is one character, all else is itself.
 */
interface StatementLike {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

const list = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;

/** Two pointers and one place to go back to: no regular expression, so no character of a pattern is special. */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p;
      resume = t;
      p += 1;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

export function isAllowed(
  policy: { readonly Statement: readonly StatementLike[] },
  resource: string,
): boolean {
  let allowed = false;
  for (const { Effect, Action, Resource } of policy.Statement) {
    if (!list(Action).some((action) => matches(action.toLowerCase(), 'execute-api:invoke'))) continue;
    if (!list(Resource).some((pattern) => matches(pattern, resource))) continue;
    if (Effect === 'Deny') return false;
    allowed ||= Effect === 'Allow';
  }
  return allowed;
}
