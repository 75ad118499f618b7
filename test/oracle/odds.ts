import * as fc from 'fast-check';

/** The first option, or with one chance in `odds` another one. */
export const mostly = <T>(usual: T, odds: number, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { arbitrary: fc.constant(usual), weight: odds - 1 },
    { arbitrary: fc.constantFrom(...others), weight: 1 },
  );

/** Base62, or one of the others. */
export const characterOr = (others: string): fc.Arbitrary<string> => {
  const all = `0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz${others}`;
  return fc.integer({ min: 0, max: all.length - 1 }).map((index) => all.charAt(index));
};

/** A place in a text, from 0 to 1. */
export const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
