/** A value that is here, or will be. What is here is not made to wait: most facts of most decisions are. */
export type Awaitable<T> = T | Promise<T>;

/** `step` of the value: now if it is here, else when it is. */
export const after = <T, R>(value: Awaitable<T>, step: (value: T) => Awaitable<R>): Awaitable<R> =>
  value instanceof Promise ? value.then((settled) => step(settled)) : step(value);

/**
 * `step` of all values: now if every one is here. None may be waited for alone, or the failure of another would have
 * nobody to go to.
 */
export function afterAll<T extends readonly unknown[], R>(
  values: readonly [...{ [Each in keyof T]: Awaitable<T[Each]> }],
  step: (values: T) => Awaitable<R>,
): Awaitable<R> {
  const areHere = (given: readonly unknown[]): given is T => !anyIsPromise(given);
  if (areHere(values)) return step(values);
  // oxlint-disable-next-line typescript/await-thenable -- at least one of them is a promise
  return Promise.all(values).then((settled) => step(settled));
}

/** A loop, since most decisions ask it several times. */
function anyIsPromise(values: readonly unknown[]): boolean {
  for (const value of values) if (value instanceof Promise) return true;
  return false;
}
