import { quantile } from './statistics.ts';

/** One measured value. */
export interface Figure {
  /** Unique within a run: targets name it. */
  readonly name: string;
  /** The median, where it was measured more than once. */
  readonly value: number;
  readonly unit:
    | 'µs'
    | 'ms'
    | 'MB·s'
    | 'bytes'
    | 'files'
    | 'requests'
    | 'units'
    | 'round trips'
    | 'requests/s'
    | 'MB'
    | '×';
  /** The middle half of the measurements. */
  readonly quartiles?: readonly [number, number];
}

/** Many measurements as one figure. */
export const figureOf = (name: string, unit: Figure['unit'], measured: readonly number[]): Figure => ({
  name,
  unit,
  value: quantile(measured, 0.5),
  quartiles: [quantile(measured, 0.25), quantile(measured, 0.75)],
});

/** The figures of a run by name. */
export type Figures = ReadonlyMap<string, Figure>;

export const byName = (figures: readonly Figure[]): Figures =>
  new Map(figures.map((figure) => [figure.name, figure]));

/** @throws when there is none of this name: a mistyped name must not pass for a measurement */
export function valueOf(figures: Figures, name: string): number {
  const figure = figures.get(name);
  if (!figure) throw new Error(`There is no figure "${name}".`);
  return figure.value;
}
