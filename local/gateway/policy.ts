import * as v from 'valibot';

const oneOrMore = v.union([
  v.pipe(
    v.string(),
    v.transform((text) => [text]),
  ),
  v.array(v.string()),
]);
/** Strict: a member this evaluator does not know (NotResource, Condition) would change what the policy means. */
const Statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: oneOrMore,
  // API Gateway's limit on a resource in an authorizer's policy.
  Resource: v.pipe(
    oneOrMore,
    v.everyItem((resource) => resource.length <= 512, 'longer than 512 characters'),
  ),
});

export const PolicyDocument = v.strictObject({
  Version: v.optional(v.picklist(['2012-10-17', '2008-10-17'])),
  Id: v.optional(v.string()),
  Statement: v.union([
    v.array(Statement),
    v.pipe(
      Statement,
      v.transform((statement) => [statement]),
    ),
  ]),
});
export type Policy = v.InferOutput<typeof PolicyDocument>;

export type Verdict = 'allow' | 'explicit_deny' | 'implicit_deny';

/**
 * Whether a policy lets `execute-api:Invoke` of a method through. A Deny outranks every Allow, and what no
 * statement names is denied.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluatePolicy(policy: Policy, arn: string): Verdict {
  const applying = policy.Statement.filter(
    ({ Action, Resource }) =>
      Action.some((action) => wildcardMatch(action.toLowerCase(), 'execute-api:invoke')) &&
      Resource.some((resource) => wildcardMatch(resource, arn)),
  );
  if (applying.some(({ Effect }) => Effect === 'Deny')) return 'explicit_deny';
  return applying.length > 0 ? 'allow' : 'implicit_deny';
}

/** `*` is any text, also none and also across `/`; `?` is one character. */
export function wildcardMatch(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
