import { grouped } from './http-request.ts';
import type { Pair } from './http-request.ts';

/** Every value by name: the `multiValue…` members of payload format 1.0. Header names compare without case. */
export const allValues = (entries: readonly Pair[], ignoreCase: boolean): Record<string, readonly string[]> =>
  Object.fromEntries(grouped(entries, ignoreCase));

/** The last value by name: the single-value members of payload format 1.0. */
export const lastValues = (entries: readonly Pair[], ignoreCase: boolean): Record<string, string> =>
  Object.fromEntries([...grouped(entries, ignoreCase)].map(([name, values]) => [name, values.at(-1) ?? '']));

/** All values of a name as one, with commas between: payload format 2.0. */
export const joinedValues = (entries: readonly Pair[]): Record<string, string> =>
  Object.fromEntries([...grouped(entries, false)].map(([name, values]) => [name, values.join(',')]));

export const isEmpty = (map: object): boolean => Object.keys(map).length === 0;

/** Where payload format 1.0 writes `null` for "none". */
export const orNull = <T extends object>(map: T): T | null => (isEmpty(map) ? null : map);

/** `23/Nov/2026:11:49:45 +0000`. @param time epoch milliseconds */
export function clfTime(time: number): string {
  const [, day, month, year, clock] = new Date(time).toUTCString().split(' ');
  return `${day}/${month}/${year}:${clock} +0000`;
}
