import type { Figure } from './figure.ts';
import type { Options } from './options.ts';
import type { Table } from './table.ts';

/** One part of the benchmarks. Each brings up what it needs and ends it. */
export interface Part {
  readonly name: string;
  /** What it measures, in one line. */
  readonly title: string;
  readonly run: (options: Options, progress: (line: string) => void) => Promise<PartResult>;
}

export interface PartResult {
  readonly figures: readonly Figure[];
  readonly table: Table;
}
