import { beforeEach, describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import { breaker, type Breaker } from '../../lambda/runtime/breaker.ts';
import { withDeadline } from '../../lambda/runtime/deadline.ts';
import { testClock, type TestClock } from '../support/clock.ts';

let clock: TestClock;
let guard: Breaker;
let calls = 0;
beforeEach(() => {
  clock = testClock();
  guard = breaker('store', 'DynamoDB', clock);
  calls = 0;
});

const call = (answer: () => string) =>
  guard(async () => {
    calls += 1;
    return answer();
  });
const down = (): string => {
  throw new Error('a message that may quote what was sent');
};
const failing = (): Promise<unknown> => expect(call(down)).rejects.toThrow(Fault);

describe('a dependency', () => {
  test('that fails four times in a row is still asked', async () => {
    for (let time = 0; time < 4; time += 1) await failing();
    expect(await call(() => 'up')).toBe('up');
    for (let time = 0; time < 4; time += 1) await failing();
    expect(calls).toBe(9);
  });

  test('that fails five times in a row fails at once, with one probe a second', async () => {
    for (let time = 0; time < 5; time += 1) await failing();
    await failing();
    clock.advance(999);
    await failing();
    expect(calls).toBe(5);
    clock.advance(1);
    await Promise.all([failing(), failing(), failing()]);
    expect(calls).toBe(6);
    clock.advance(1000);
    expect(await call(() => 'up')).toBe('up');
    expect(await call(() => 'up')).toBe('up');
    expect(calls).toBe(8);
  });

  test('says in a Fault which it is, and in no message what it said', async () => {
    await expect(call(down)).rejects.toMatchObject({ kind: 'store', message: 'DynamoDB did not answer' });
  });
});

describe('a deadline', () => {
  test('is a Fault when the work has not settled by then', async () => {
    const before = performance.now();
    await expect(withDeadline(20, new Promise(() => {}))).rejects.toMatchObject({
      name: 'Fault',
      kind: 'deadline',
    });
    expect(performance.now() - before).toBeLessThan(500);
  });

  test('hands on what the work came to before', async () => {
    expect(await withDeadline(1000, Promise.resolve('done'))).toBe('done');
    await expect(withDeadline(1000, Promise.reject(new Fault('store', 'no')))).rejects.toThrow('no');
  });
});
