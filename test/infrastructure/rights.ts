import type { Properties, Synthesized } from './synthesized.ts';

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Question {
  readonly action: string;
  /** Logical id of the table, secret or other resource. */
  readonly on: string;
  /** Partition keys of a DynamoDB request; none for a request that names no key. */
  readonly keys?: readonly string[];
  /** Attributes the request names. @default the primary key's */
  readonly attributes?: readonly string[];
}

/** Statements of the role that a function runs with. */
export function statementsOf({ resources, ofType }: Synthesized, functionId: string): readonly Statement[] {
  const role: string = resources[functionId]?.Properties.Role['Fn::GetAtt'][0];
  const policies = ofType('AWS::IAM::Policy').filter(({ Properties: { Roles } }) =>
    Roles.some((each: Properties) => each.Ref === role),
  );
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/** IAM's answer: some statement allows it, its conditions included. */
export function may(statements: readonly Statement[], question: Question): boolean {
  const { action, on } = question;
  return statements.some(
    (statement) =>
      statement.Effect === 'Allow' &&
      list(statement.Action).some((pattern) => like(pattern, action)) &&
      resourcesOf(statement).some((resource) => resource === '*' || resource === on) &&
      Object.entries(statement.Condition ?? {}).every(([operator, test]) => holds(operator, test, question)),
  );
}

/** Logical ids of the resources a statement names, or the text itself. */
export function resourcesOf(statement: Statement): readonly string[] {
  const resources: readonly unknown[] = Array.isArray(statement.Resource)
    ? statement.Resource
    : [statement.Resource];
  return resources.map((resource) => {
    if (typeof resource === 'string') return resource;
    const { Ref, 'Fn::GetAtt': attribute }: Properties = Object(resource);
    return Ref ?? attribute?.[0] ?? JSON.stringify(resource);
  });
}

/** The operators and keys we use; any other would make the answers of this file wrong. */
function holds(
  operator: string,
  test: Readonly<Record<string, string | readonly string[]>>,
  { keys = [], attributes = ['pk', 'sk'] }: Question,
): boolean {
  return Object.entries(test).every(([key, expected]) => {
    if (key !== 'dynamodb:LeadingKeys' && key !== 'dynamodb:Attributes')
      throw new Error(`unknown condition key in ${JSON.stringify(test)}`);
    const actual = key === 'dynamodb:LeadingKeys' ? keys : attributes;
    if (operator === 'Null') return String(actual.length === 0) === expected;
    if (operator === 'ForAllValues:StringEquals')
      return actual.every((each) => list(expected).includes(each));
    if (operator !== 'ForAllValues:StringLike') throw new Error(`unknown condition operator ${operator}`);
    return actual.every((each) => list(expected).some((pattern) => like(pattern, each)));
  });
}

function like(pattern: string, text: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${literal.join('.*')}$`).test(text);
}

const list = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;
