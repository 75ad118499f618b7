import { jest } from '@jest/globals';
import type { TestClock } from '../support/clock.ts';

/** Only `Date` is moved: whatever waits for a timer must go on. */
const others = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/** Moves the authorizer's clock and, with it, the machine's `Date`, which Better Auth reads. */
export interface MachineClock {
  readonly now: () => number;
  /** Milliseconds, forward. */
  readonly advance: (milliseconds: number) => void;
  readonly release: () => void;
}

export function machineClock(clock: TestClock): MachineClock {
  jest.useFakeTimers({ now: clock(), doNotFake: [...others] });
  return {
    now: clock,
    advance(milliseconds) {
      clock.advance(milliseconds);
      jest.setSystemTime(clock());
    },
    release: () => jest.useRealTimers(),
  };
}
