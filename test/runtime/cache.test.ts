import { describe, expect, test } from '@jest/globals';
import { unkept } from '../../lambda/core/lease.ts';
import { cache } from '../../lambda/runtime/cache.ts';
import { testClock } from '../support/clock.ts';

const bound = 15_000;

/** A source that is asked, and answers when told to. */
function source() {
  const waiting: ((value: string | undefined) => void)[] = [];
  return {
    read: () => new Promise<string | undefined>((resolve) => waiting.push(resolve)),
    answer: (value?: string) => waiting.shift()?.(value),
    asked: () => waiting.length,
  };
}

describe('a cache', () => {
  test('serves nothing older than its bound, measured from before it was read', async () => {
    const clock = testClock();
    const kept = cache<string>(bound, 10, clock);
    const { read, answer } = source();
    const first = kept.get('a', unkept, read);
    clock.advance(10_000);
    answer('old');
    expect(await first).toBe('old');
    clock.advance(4_999);
    expect(await kept.get('a', unkept, async () => 'new')).toBe('old');
    clock.advance(1);
    expect(await kept.get('a', unkept, async () => 'new')).toBe('new');
  });

  test('asks once for any number that want one thing at the same time', async () => {
    const kept = cache<string>(bound, 10, testClock());
    const { read, answer, asked } = source();
    const all = Promise.all([
      kept.get('a', unkept, read),
      kept.get('a', unkept, read),
      kept.get('a', unkept, read),
    ]);
    expect(asked()).toBe(1);
    answer('one');
    expect(await all).toEqual(['one', 'one', 'one']);
  });

  test('never lets somebody wait for a read that began longer ago than its bound', async () => {
    const clock = testClock();
    const kept = cache<string>(bound, 10, clock);
    const { read, answer, asked } = source();
    const first = kept.get('a', unkept, read);
    clock.advance(bound);
    const second = kept.get('a', unkept, read);
    expect(asked()).toBe(2);
    answer('before');
    answer('after');
    expect(await Promise.all([first, second])).toEqual(['before', 'after']);
    expect(await kept.get('a', unkept, async () => 'unused')).toBe('after');
  });

  test('remembers nothing that was not there: what is created is seen at once', async () => {
    const kept = cache<string>(bound, 10, testClock());
    expect(await kept.get('a', unkept, async () => undefined)).toBeUndefined();
    expect(await kept.get('a', unkept, async () => 'created')).toBe('created');
  });

  test('remembers no failure', async () => {
    const kept = cache<string>(bound, 10, testClock());
    const fail = async (): Promise<string> => {
      throw new Error('down');
    };
    await expect(kept.get('a', unkept, fail)).rejects.toThrow('down');
    expect(await kept.get('a', unkept, async () => 'up')).toBe('up');
  });

  test('holds no more than its capacity, and lets go first what was not used longest', async () => {
    const kept = cache<string>(bound, 2, testClock());
    const value = (name: string) => kept.get(name, unkept, async () => name);
    await value('a');
    await value('b');
    await value('a');
    await value('c');
    expect([kept.hits(), kept.misses()]).toEqual([1, 3]);
    await value('a');
    await value('c');
    expect([kept.hits(), kept.misses()]).toEqual([3, 3]);
    await value('b');
    expect([kept.hits(), kept.misses()]).toEqual([3, 4]);
  });

  test('of no duration keeps nothing', async () => {
    const kept = cache<string>(0, 10, testClock());
    await kept.get('a', unkept, async () => 'old');
    expect(await kept.get('a', unkept, async () => 'new')).toBe('new');
  });
});
