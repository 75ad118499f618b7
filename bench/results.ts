import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import type { Options } from './options.ts';
import type { Target } from './targets.ts';
import { versions } from './versions.ts';

/** A whole run, as `bench/results/latest.json` holds it. */
export interface Results {
  /** Of Node. */
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGB: number };
  readonly options: Pick<Options, 'rounds' | 'keys' | 'credentials'>;
  /** Every figure, by part. */
  readonly parts: Readonly<Record<string, readonly Figure[]>>;
}

export function resultsOf(
  { rounds, keys, credentials }: Options,
  parts: ReadonlyMap<string, readonly Figure[]>,
  targets: readonly Target[],
): Results {
  const [cpu] = cpus();
  return {
    node: process.version,
    versions: versions(),
    targets,
    machine: {
      cpu: cpu?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryGB: Math.round(totalmem() / 1e9),
    },
    options: { rounds, keys, credentials },
    parts: Object.fromEntries(parts),
  };
}

const directory = join(import.meta.dirname, 'results');

/** @param plots SVG by file name without its ending */
export async function write(results: Results, plots: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'latest.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  for (const [name, svg] of plots) await writeFile(join(directory, `${name}.svg`), svg);
}
