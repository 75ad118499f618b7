import { describe, expect, test } from '@jest/globals';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { readMember, readRevocation } from '../../lambda/store/rows.ts';

const member = {
  pk: { S: 'member.userId#u' },
  sk: { S: 'o' },
  id: { S: 'm' },
  userId: { S: 'u' },
  organizationId: { S: 'o' },
  role: { S: 'owner' },
  createdAt: { S: '2030-01-01T00:00:00.000Z' },
};
const fault = (message: string) => expect.objectContaining({ name: 'Fault', kind: 'store', message });
const reading = (item: Record<string, AttributeValue>) => () => readMember(item);

test('a row is what its model says of it, and nothing else', () => {
  expect(readMember(member)).toEqual({
    id: 'm',
    userId: 'u',
    organizationId: 'o',
    role: 'owner',
    createdAt: Date.parse('2030-01-01T00:00:00.000Z'),
  });
});

describe('a row that cannot be what it should is a Fault that does not quote it', () => {
  test.each<[string, Record<string, AttributeValue>, string]>([
    ['of another type', { role: { N: '7' } }, 'A stored membership has an unexpected role'],
    ['null', { role: { NULL: true } }, 'A stored membership has an unexpected role'],
    ['no date', { createdAt: { S: 'yesterday' } }, 'A stored membership has an unexpected createdAt'],
    ['of a type nobody knows', { role: { $unknown: ['X', 'x'] } }, 'A stored item cannot be read'],
  ])('%s', (_, given, message) => {
    expect(reading({ ...member, ...given })).toThrow(fault(message));
  });

  test('absent', () => {
    const { role: _, ...rest } = member;
    expect(reading(rest)).toThrow(fault('A stored membership has an unexpected role'));
  });

  test('a number that JavaScript cannot hold', () => {
    expect(() => readRevocation({ minIssuedAt: { N: '1.23456789E+100' } })).toThrow(
      fault('A stored item cannot be read'),
    );
  });
});

test('what no model names is not looked at: somebody else’s attribute keeps nobody out', () => {
  expect(readMember({ ...member, count: { N: '1.23456789E+100' } })).toMatchObject({ role: 'owner' });
});
