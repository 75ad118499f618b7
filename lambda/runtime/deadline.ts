import { Fault } from '../core/fault.ts';

/**
 * Rejects with a fault when `work` has not settled within `milliseconds`. The work itself is not cancelled:
 * whatever does I/O carries a timeout of its own, and this is the bound on their sum.
 */
export function withDeadline<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Fault('deadline', `No answer within ${milliseconds} ms`)),
      milliseconds,
    );
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
