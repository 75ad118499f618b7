import { describe, expect, test } from '@jest/globals';
import { after, afterAll } from '../../lambda/core/awaitable.ts';

const later = <T>(value: T): Promise<T> => Promise.resolve(value);
const failing = (): Promise<never> => Promise.reject(new Error('No answer'));

describe('what follows a value', () => {
  test('follows at once when it is here, so that nothing else is answered in between', () => {
    expect(after(1, (value) => value + 1)).toBe(2);
    expect(after(undefined, (value) => [value])).toEqual([undefined]);
  });

  test('follows when it comes', async () => {
    const following = after(later(1), (value) => value + 1);
    expect(following).toBeInstanceOf(Promise);
    expect(await following).toBe(2);
  });

  test('does not follow when it fails: the failure does', async () => {
    await expect(after(failing(), () => 'followed')).rejects.toThrow('No answer');
  });
});

describe('what follows several values', () => {
  const list = (values: readonly unknown[]): readonly unknown[] => values;

  test('follows at once when all are here', () => {
    expect(afterAll<[number, string], readonly unknown[]>([1, 'a'], list)).toEqual([1, 'a']);
  });

  test.each<[string, readonly [number | Promise<number>, string | Promise<string>]]>([
    ['the first', [later(1), 'a']],
    ['the last', [1, later('a')]],
    ['both', [later(1), later('a')]],
  ])('follows when %s of them came, in their order', async (_, values) => {
    const following = afterAll<[number, string], readonly unknown[]>(values, list);
    expect(following).toBeInstanceOf(Promise);
    expect(await following).toEqual([1, 'a']);
  });

  test('does not follow when one of them fails, whatever the others are', async () => {
    await expect(afterAll<[number, never], string>([1, failing()], () => 'followed')).rejects.toThrow();
    await expect(
      afterAll<[number, never], string>([later(1), failing()], () => 'followed'),
    ).rejects.toThrow();
  });
});
