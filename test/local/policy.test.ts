import { describe, expect, test } from '@jest/globals';
import * as v from 'valibot';
import { evaluatePolicy, PolicyDocument, wildcardMatch } from '../../local/gateway/policy.ts';

const arn = 'arn:aws:execute-api:us-east-1:000000000000:api/dev/GET/v1/records/contact';
const statement = (Effect: string, Resource: unknown, Action: unknown = 'execute-api:Invoke') => ({
  Effect,
  Resource,
  Action,
});
const verdict = (...Statement: object[]) =>
  evaluatePolicy(v.parse(PolicyDocument, { Version: '2012-10-17', Statement }), arn);

describe('a policy', () => {
  test.each([
    ['that names the method', [statement('Allow', arn)], 'allow'],
    ['that names it among others', [statement('Allow', ['arn:other', arn])], 'allow'],
    ['with a wildcard', [statement('Allow', 'arn:aws:execute-api:*:*:api/dev/*')], 'allow'],
    ['with a wildcard action', [statement('Allow', arn, ['dynamodb:*', 'execute-api:*'])], 'allow'],
    ['for another method', [statement('Allow', arn.replace('GET', 'POST'))], 'implicit_deny'],
    ['for a longer path', [statement('Allow', `${arn}/x`)], 'implicit_deny'],
    ['for another action', [statement('Allow', arn, 'execute-api:ManageConnections')], 'implicit_deny'],
    ['without statements', [], 'implicit_deny'],
    ['that allows and denies', [statement('Allow', '*'), statement('Deny', arn)], 'explicit_deny'],
    ['that denies first', [statement('Deny', '*'), statement('Allow', arn)], 'explicit_deny'],
    ['that denies something else', [statement('Allow', arn), statement('Deny', `${arn}s`)], 'allow'],
  ])('%s', (_, statements, expected) => {
    expect(verdict(...statements)).toBe(expected);
  });

  test.each([
    [{ Statement: [{ ...statement('Allow', arn), Condition: {} }] }],
    [{ Statement: [{ Effect: 'Allow', Action: '*', NotResource: arn }] }],
    [{ Statement: [statement('allow', arn)] }],
    [{ Statement: [statement('Allow', 'x'.repeat(513))] }],
    [{}],
  ])('that this evaluator would misread is no policy: %j', (document) => {
    expect(v.is(PolicyDocument, document)).toBe(false);
  });
});

test.each([
  ['a*c', 'a/b/c', true],
  ['a?c', 'a/c', true],
  ['a?c', 'ac', false],
  ['a*', 'a', true],
  ['a.c', 'abc', false],
  ['a', 'A', false],
  ['a*b', 'a\nb', true],
  ['(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', false],
])('the pattern %s matches %j: %s', (pattern, text, expected) => {
  expect(wildcardMatch(pattern, text)).toBe(expected);
});
