import type { Question, Statement } from './rights.ts';
import { may, statementsOf } from './rights.ts';
import type { Properties, Synthesized } from './synthesized.ts';

export const reads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
export const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

const rowFamilies = [
  'user',
  'session',
  'apikey',
  'account',
  'organization',
  'mint',
  'installation',
  'revocation',
  'user.email',
  'apikey.id',
  'session.id',
  'organization.slug',
  'member.userId',
  'member.organizationId',
  'session.userId',
];

export interface Roles {
  /** Logical ids of all functions. */
  readonly names: readonly string[];
  readonly statements: (name: string) => readonly Statement[];
  readonly can: (name: string, question: Question) => boolean;
  /** Of all families of rows, those whose rows the function may touch so, on the identity table. */
  readonly families: (name: string, actions: readonly string[]) => readonly string[];
  /** Logical id of the identity table. */
  readonly auth: string;
}

/** What each function of a template may do. */
export function rolesOf(stack: Synthesized): Roles {
  const auth = resourceOf(stack, 'TableName');
  const names = stack.ofType('AWS::Lambda::Function').map(({ id }) => id);
  const role = new Map(names.map((name) => [name, statementsOf(stack, name)]));
  const statements: Roles['statements'] = (name) => role.get(name) ?? [];
  const can: Roles['can'] = (name, question) => may(statements(name), question);
  return {
    names,
    statements,
    can,
    auth,
    families: (name, actions) =>
      rowFamilies.filter((family) =>
        actions.some((action) => can(name, { action, on: auth, keys: [`${family}#1`] })),
      ),
  };
}

/** Logical id of the resource an output names. */
export function resourceOf({ outputs }: Synthesized, output: string): string {
  const { Ref }: Properties = Object(outputs[output]?.Value);
  return Ref;
}
