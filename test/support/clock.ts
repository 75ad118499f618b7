/** A clock that stands still until a test moves it. Epoch milliseconds. */
export interface TestClock {
  (): number;
  /** Milliseconds, or back with a negative number. */
  advance(milliseconds: number): void;
}

/** A moment that is no round number of seconds, as no moment is. */
export const start = Date.parse('2026-03-01T12:00:00.250Z');

export function testClock(now: number = start): TestClock {
  const clock = () => now;
  return Object.assign(clock, {
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
  });
}
