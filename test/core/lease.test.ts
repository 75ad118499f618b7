import { expect, test } from '@jest/globals';
import { lease, unkept } from '../../lambda/core/lease.ts';

test('what was made from several facts stands until the first of them ends, in whatever order they were read', () => {
  for (const moments of [
    [1, 2, 3],
    [3, 2, 1],
    [2, 1, 3],
    [1, 1],
  ]) {
    const until = lease();
    for (const moment of moments) until.endsBy(moment);
    expect(until.end()).toBe(1);
  }
});

test('what was made from nothing that ends stands for good', () => expect(lease().end()).toBe(Infinity));

test('what must not be kept never stands, whatever else is read', () => {
  const until = lease();
  until.endsBy(Number.NEGATIVE_INFINITY);
  until.endsBy(5);
  expect(until.end()).toBe(Number.NEGATIVE_INFINITY);
  unkept.endsBy(5);
  expect(unkept.end()).toBe(Number.NEGATIVE_INFINITY);
});
