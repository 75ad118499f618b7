import type { Case } from '../measure.ts';

/** The same decision among few and among many. */
export interface Pair {
  readonly name: string;
  readonly small: Case;
  readonly large: Case;
}

/** @param make the case among so many; what is among them is said in its name */
export const pair = (
  name: string,
  small: number,
  large: number,
  make: (count: number) => Omit<Case, 'name'>,
): Pair => ({
  name,
  small: { name: `${name}: among ${small}`, ...make(small) },
  large: { name: `${name}: among ${large}`, ...make(large) },
});
