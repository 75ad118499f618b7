import { Fault } from '../core/fault.ts';

/**
 * Rejects with a fault when `work` has not settled within `milliseconds`. The work itself is not cancelled:
 * whatever does I/O carries a timeout of its own, and this is the bound on their sum.
 */
export async function withDeadline<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Fault('deadline', `No answer within ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([work, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
