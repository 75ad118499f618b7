import { describe, expect, test } from '@jest/globals';
import { evaluateCondition, NO_VALUE, resolve } from '../../local/intrinsics.ts';
import type { References } from '../../local/intrinsics.ts';
import { openTemplate } from '../../local/template.ts';
import * as v from 'valibot';

const references: References = {
  ref: (name) => (name === 'AWS::NoValue' ? NO_VALUE : `ref(${name})`),
  attribute: (logicalId, attribute) => `${logicalId}.${attribute}`,
  condition: (name) => name === 'True',
  mapping: (...path) => path.join('/'),
};

test.each([
  ['plain values stay', { a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
  ['Ref', { Ref: 'Table' }, 'ref(Table)'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'Table.Arn'],
  ['GetAtt as text', { 'Fn::GetAtt': 'Table.Stream.Arn' }, 'Table.Stream.Arn'],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'B' }, 3]] }, 'a-ref(B)-3'],
  ['Sub', { 'Fn::Sub': '${A}/${B.Arn}/${!C}' }, 'ref(A)/B.Arn/${C}'],
  ['Sub with variables', { 'Fn::Sub': ['${A}/${B}', { A: { Ref: 'X' } }] }, 'ref(X)/ref(B)'],
  ['Select', { 'Fn::Select': ['1', ['a', { Ref: 'B' }]] }, 'ref(B)'],
  ['Split', { 'Fn::Split': [',', 'a,b'] }, ['a', 'b']],
  ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b'] }] }, 'b'],
  ['If', [{ 'Fn::If': ['True', 1, 2] }, { 'Fn::If': ['False', 1, { Ref: 'X' }] }], [1, 'ref(X)']],
  ['NoValue leaves a member out', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ['NoValue leaves an element out', [{ 'Fn::If': ['True', { Ref: 'AWS::NoValue' }, 1] }, 2], [2]],
  ['FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'K' }, 'n'] }, 'M/ref(K)/n'],
  ['a policy with a Condition is no intrinsic', { Condition: { Null: {} } }, { Condition: { Null: {} } }],
])('%s', (_, value, expected) => {
  expect(resolve(value, references)).toEqual(expected);
});

test.each([
  [{ 'Fn::ImportValue': 'x' }, /does not know the template function Fn::ImportValue/],
  [{ 'Fn::Join': ['-', [{ a: 1 }]] }, /Fn::Join needs text here/],
  [{ 'Fn::Join': 'x' }, /Fn::Join needs a list here/],
  [{ 'Fn::Select': [5, ['a']] }, /Fn::Select has no item 5/],
])('%j is a clear error', (value, message) => {
  expect(() => resolve(value, references)).toThrow(message);
});

test.each([
  [{ 'Fn::Equals': [{ Ref: 'A' }, 'ref(A)'] }, true],
  [{ 'Fn::Not': [{ 'Fn::Equals': ['a', 'a'] }] }, false],
  [{ 'Fn::And': [{ Condition: 'True' }, { Condition: 'Other' }] }, false],
  [{ 'Fn::Or': [{ Condition: 'Other' }, { Condition: 'True' }] }, true],
])('the condition %j is %s', (expression, expected) => {
  expect(evaluateCondition(expression, references)).toBe(expected);
});

describe('a template', () => {
  const open = (document: unknown) =>
    openTemplate({ directory: '/nowhere', stackName: 'Stack', document }, 'eu-west-1');
  const bucket = (properties: object, more: object = {}) => ({
    Resources: { B: { Type: 'Some::Type', Properties: properties, ...more } },
  });

  test('knows where it runs', () => {
    const template = open({
      Resources: {},
      Outputs: {
        Where: {
          Value: { 'Fn::Sub': '${AWS::StackName}:${AWS::Region}:${AWS::AccountId}:${AWS::Partition}' },
        },
      },
    });
    expect(template.output('Where')).toBe('Stack:eu-west-1:000000000000:aws');
    expect(template.output('Other')).toBeUndefined();
  });

  test('leaves out a resource whose condition does not hold', () => {
    const document = (value: string) => ({
      ...bucket({}, { Condition: 'C' }),
      Conditions: { C: { 'Fn::Equals': [{ Ref: 'P' }, value] } },
      Parameters: { P: { Type: 'String', Default: 'yes' } },
    });
    expect(open(document('yes')).resources('Some::Type', v.object({}))).toHaveLength(1);
    expect(open(document('no')).resources('Some::Type', v.object({}))).toHaveLength(0);
  });

  test.each([
    [bucket({ Name: { Ref: 'Gone' } }), /B: the template refers to Gone, which is not in it/],
    [bucket({ Name: { 'Fn::GetAtt': ['B', 'Nothing'] } }), /B: .* attribute Nothing of B \(Some::Type\)/],
    [bucket({ Name: 5 }), /B \(Some::Type\): Name: /],
  ])('an error names the resource and what is wrong', (document, message) => {
    expect(() => open(document).resources('Some::Type', v.object({ Name: v.string() }))).toThrow(message);
  });

  test('gives a resource the same name at every start', () => {
    const table = {
      Resources: { T: { Type: 'AWS::DynamoDB::Table', Properties: {} } },
      Outputs: { T: { Value: { Ref: 'T' } } },
    };
    expect(open(table).output('T')).toBe('Stack-T');
    expect(open(table).output('T')).toBe(open(structuredClone(table)).output('T'));
  });
});
