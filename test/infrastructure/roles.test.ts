import { afterAll, describe, expect, test } from '@jest/globals';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { may, resourcesOf, statementsOf } from './rights.ts';
import type { Question, Statement } from './rights.ts';
import type { Properties } from './synthesized.ts';
import { synthesize } from './synthesized.ts';

const stack = synthesize();
afterAll(stack.remove);

const ref = (output: string): string => {
  const { Ref }: Properties = Object(stack.outputs[output]?.Value);
  return Ref;
};
const auth = ref('TableName');
const records = ref('RecordsTableName');
const extensionToken = ref('ExtensionTokenSecretArn');
const betterAuth = ref('BetterAuthSecretArn');

const names = stack.ofType('AWS::Lambda::Function').map(({ id }) => id);
const role = new Map(names.map((name) => [name, statementsOf(stack, name)]));
const can = (name: string, question: Question): boolean => may(role.get(name) ?? [], question);

const reads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const writes = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
const anyKey = [
  'user#1',
  'session#1',
  'apikey#1',
  'account#1',
  'organization#1',
  'installation#1',
  'revocation#1',
];

/** Of all families of rows, those whose rows the function may touch so, on the identity table. */
const families = (name: string, actions: readonly string[]): readonly string[] =>
  [
    ...anyKey,
    'user.email#1',
    'apikey.id#1',
    'organization.slug#1',
    'member.userId#1',
    'member.organizationId#1',
    'session.userId#1',
  ]
    .filter((key) => actions.some((action) => can(name, { action, on: auth, keys: [key] })))
    .map((key) => key.replace('#1', ''));

describe('the authorizer', () => {
  test('reads what a decision is made from, and no passwords, e-mails or lists', () => {
    expect(families('RestAuthorizer', reads)).toEqual([
      'session',
      'apikey',
      'organization',
      'installation',
      'revocation',
      'apikey.id',
      'organization.slug',
      'member.userId',
    ]);
  });

  test('writes nothing anywhere', () => {
    const actions = (role.get('RestAuthorizer') ?? []).flatMap(({ Action }) => Action);
    expect(actions.toSorted()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:GetSecretValue',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });
});

describe('identity', () => {
  test('reads and writes the rows, pointers and lists of Better Auth', () => {
    expect(families('Identity', writes)).toEqual(
      expect.arrayContaining([
        'user',
        'session',
        'apikey',
        'account',
        'organization',
        'user.email',
        'member.userId',
        'session.userId',
      ]),
    );
    expect(can('Identity', { action: 'dynamodb:ConditionCheckItem', on: auth, keys: ['user#1'] })).toBe(true);
  });

  test.each(Object.keys(identityLayout))('may do so for the model %s', (model) => {
    for (const key of [`${model}#1`, `${model}.field#1`]) {
      for (const action of [...reads, ...writes])
        expect(can('Identity', { action, on: auth, keys: [key] })).toBe(true);
    }
  });

  test('deletes installations, with their organization, and can neither make nor change one', () => {
    const keys = ['installation#1'];
    expect(can('Identity', { action: 'dynamodb:DeleteItem', on: auth, keys })).toBe(true);
    expect(can('Identity', { action: 'dynamodb:PutItem', on: auth, keys })).toBe(false);
    expect(can('Identity', { action: 'dynamodb:UpdateItem', on: auth, keys })).toBe(false);
  });
});

test('nobody may write a revocation: who could delete one would bring a stolen key back to life', () => {
  for (const name of names) {
    for (const action of writes)
      expect([name, can(name, { action, on: auth, keys: ['revocation#1'] })]).toEqual([name, false]);
  }
});

test('one foreign key among many refuses a whole batch', () => {
  const keys = ['session#1', 'account#1'];
  expect(can('RestAuthorizer', { action: 'dynamodb:BatchGetItem', on: auth, keys })).toBe(false);
});

test('the token issuer reads who may have a token, and writes nothing', () => {
  expect(families('TokenIssuer', reads)).toEqual([
    'organization',
    'installation',
    'revocation',
    'member.userId',
  ]);
  expect(families('TokenIssuer', writes)).toEqual([]);
});

test('the installations function reaches installations and nothing else', () => {
  expect(families('Installations', reads)).toEqual(['installation']);
  expect(families('Installations', writes)).toEqual(['installation']);
});

test.each(['Whoami', 'Preflight', 'Records', 'Actions'])('%s does not reach identities', (name) => {
  expect(families(name, [...reads, ...writes])).toEqual([]);
});

test('only the endpoints of records reach records, and only as far as their routes go', () => {
  const onRecords = (name: string) =>
    [...reads, ...writes].filter((action) => can(name, { action, on: records, keys: ['x'] }));
  expect(
    Object.fromEntries(names.map((name) => [name, onRecords(name)]).filter(([, actions]) => actions?.length)),
  ).toEqual({
    Records: ['dynamodb:Query', 'dynamodb:PutItem'],
    Actions: ['dynamodb:Query', ...writes],
  });
});

test('each signing key ring is read by those who sign or verify with it, and changed by nobody', () => {
  const readers = (on: string) =>
    names.filter((name) => can(name, { action: 'secretsmanager:GetSecretValue', on })).toSorted();
  expect(readers(extensionToken)).toEqual(['RestAuthorizer', 'TokenIssuer']);
  expect(readers(betterAuth)).toEqual(['Identity', 'RestAuthorizer']);
  const actions = [...role.values()]
    .flat()
    .flatMap(({ Action }) => Action)
    .filter((action) => action.startsWith('secretsmanager:'));
  expect(new Set(actions)).toEqual(new Set(['secretsmanager:GetSecretValue']));
});

describe.each(names)('the role of %s', (name) => {
  const statements: readonly Statement[] = role.get(name) ?? [];

  test('is its own', () => {
    expect(statements.length).toBeGreaterThan(0);
    const roles = names.map((each) => stack.resources[each]?.Properties.Role['Fn::GetAtt'][0]);
    expect(new Set(roles).size).toBe(names.length);
  });

  test('holds no managed policy', () => {
    const id: string = stack.resources[name]?.Properties.Role['Fn::GetAtt'][0];
    expect(stack.resources[id]?.Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  test('names every resource, but for X-Ray, which has none', () => {
    const wide = statements.filter((statement) =>
      resourcesOf(statement).some((resource) => resource.includes('*')),
    );
    expect(wide.map(({ Action }) => Action)).toEqual([['xray:PutTelemetryRecords', 'xray:PutTraceSegments']]);
  });

  test('names every action in full, and none that reads a whole table', () => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /\*|Scan|PartiQL|BatchWrite/.test(action))).toEqual([]);
  });

  test('reaches no identity with a request that names no key', () => {
    for (const action of [...reads, ...writes]) expect(can(name, { action, on: auth, keys: [] })).toBe(false);
  });
});
