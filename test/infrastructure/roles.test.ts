import { afterAll, describe, expect, test } from '@jest/globals';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { countedAttributes } from '../../lambda/store/key-use-write.ts';
import { reads, resourceOf, rolesOf, writes } from './roles.ts';
import { synthesize } from './synthesized.ts';
import { apiOf } from './v2-routes.ts';

const stack = synthesize();
afterAll(stack.remove);

const { names, statements, can, families, auth } = rolesOf(stack);
const records = resourceOf(stack, 'RecordsTableName');
const extensionToken = resourceOf(stack, 'ExtensionTokenSecretArn');
const betterAuth = resourceOf(stack, 'BetterAuthSecretArn');

/** Who has it, what it may do, until when, from where: all that a key's row says of rights. */
const protectedAttributes = [
  'id',
  'key',
  'configId',
  'referenceId',
  'enabled',
  'expiresAt',
  'permissions',
  'metadata',
  'rateLimitEnabled',
  'disabledByOperator',
  'notAfter',
  'allowedOrganizations',
  'allowedAddresses',
  'successorId',
  'ttl',
];

const authorizers = [
  'RestAuthorizer',
  'RestTokenAuthorizer',
  'HttpAuthorizer',
  'HttpIamAuthorizer',
  'HttpV1Authorizer',
  'WebSocketAuthorizer',
];

describe.each(authorizers)('%s', (name) => {
  test('reads what a decision is made from, and no passwords, e-mails or lists', () => {
    expect(families(name, reads)).toEqual([
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

  test('writes the counts of keys, and nothing that says who may do what', () => {
    expect(families(name, writes)).toEqual(['apikey']);
    const update = (...attributes: readonly string[]) =>
      can(name, { action: 'dynamodb:UpdateItem', on: auth, keys: ['apikey#1'], attributes });
    expect(update(...countedAttributes)).toBe(true);
    for (const attribute of protectedAttributes)
      expect([attribute, update('pk', 'sk', attribute)]).toEqual([attribute, false]);
    // A request that names no attribute at all is none of ours.
    expect(update()).toBe(false);
  });

  test('does nothing else anywhere', () => {
    const actions = statements(name).flatMap(({ Action }) => Action);
    expect(actions.toSorted()).toEqual([
      'dynamodb:BatchGetItem',
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:UpdateItem',
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

test('the token issuer reads who may have a token, and writes only how many it gave', () => {
  expect(families('TokenIssuer', reads)).toEqual([
    'organization',
    'installation',
    'revocation',
    'member.userId',
  ]);
  expect(families('TokenIssuer', writes)).toEqual(['mint']);
});

test('the installations function reaches installations and nothing else', () => {
  expect(families('Installations', reads)).toEqual(['installation']);
  expect(families('Installations', writes)).toEqual(['installation']);
});

describe('the WebSocket endpoint', () => {
  test('reads what access depends on, by ids alone, and writes nothing', () => {
    expect(families('Realtime', reads)).toEqual([
      'session',
      'apikey',
      'organization',
      'installation',
      'apikey.id',
      'session.id',
      'organization.slug',
      'member.userId',
    ]);
    expect(families('Realtime', writes)).toEqual([]);
  });

  test('alone may send to connections and close them, on its own API and stage, and not list who is there', () => {
    const managing = (name: string) =>
      statements(name).filter(({ Action }) =>
        [Action].flat().some((action) => action.startsWith('execute-api:')),
      );
    const api = apiOf(stack, 'WEBSOCKET').id;
    const place = [
      ':execute-api:',
      { Ref: 'AWS::Region' },
      ':',
      { Ref: 'AWS::AccountId' },
      ':',
      { Ref: api },
    ];
    const arn = (end: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ...place, `/dev/${end}/@connections/*`]],
    });
    expect(names.filter((name) => managing(name).length > 0)).toEqual(['Realtime']);
    expect(managing('Realtime')).toEqual([
      {
        Effect: 'Allow',
        Action: 'execute-api:ManageConnections',
        Resource: [arn('DELETE'), arn('POST')],
      },
    ]);
  });
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

test('each signing key ring is read by those who sign or verify with it, and changed by its own rotation', () => {
  const who = (action: string, on: string) =>
    names.filter((name) => can(name, { action: `secretsmanager:${action}`, on })).toSorted();
  expect(who('GetSecretValue', extensionToken)).toEqual(
    [...authorizers, 'TokenIssuer', 'Rotation'].toSorted(),
  );
  expect(who('GetSecretValue', betterAuth)).toEqual(
    [...authorizers, 'Identity', 'SessionRotation'].toSorted(),
  );
  for (const action of ['DescribeSecret', 'PutSecretValue', 'UpdateSecretVersionStage']) {
    expect(who(action, extensionToken)).toEqual(['Rotation']);
    expect(who(action, betterAuth)).toEqual(['SessionRotation']);
  }
  const actions = names
    .flatMap(statements)
    .flatMap(({ Action }) => Action)
    .filter((action) => action.startsWith('secretsmanager:'));
  expect(new Set(actions).size).toBe(4);
});

test.each(['Rotation', 'SessionRotation'])('%s reads which keys are revoked, and no other row', (name) => {
  expect(families(name, [...reads, ...writes])).toEqual([]);
  expect(can(name, { action: 'dynamodb:GetItem', on: auth, keys: ['revocation#kid#1'] })).toBe(true);
});
