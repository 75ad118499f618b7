import { describe, expect, test } from '@jest/globals';
import { recent } from '../../lambda/runtime/recent.ts';

describe('what was used lately', () => {
  test('is there, in its newest version', () => {
    const values = recent<number>(4);
    values.set('a', 1);
    values.set('a', 2);
    expect(values.get('a')).toBe(2);
    expect(values.get('b')).toBeUndefined();
  });

  test('stays, however many others come, as long as it is used', () => {
    const values = recent<number>(10);
    values.set('used', 1);
    for (let index = 0; index < 1000; index += 1) {
      values.set(`${index}`, index);
      expect(values.get('used')).toBe(1);
    }
  });

  test('is at least half of what there is room for; what was not used makes room, and memory is bounded', () => {
    const values = recent<number>(10);
    const names = Array.from({ length: 1000 }, (_, index) => `${index}`);
    for (const name of names) values.set(name, 0);
    const there = names.filter((name) => values.get(name) !== undefined);
    expect(there.length).toBeGreaterThanOrEqual(5);
    expect(there.length).toBeLessThanOrEqual(10);
    expect(there.at(-1)).toBe('999');
  });
});
