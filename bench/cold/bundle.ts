import { buildSync } from 'esbuild';
import { bundling } from '../../lib/bundles.ts';

export interface Bundle {
  readonly code: Uint8Array;
  /** Paths of the files that went into it, from the root of the package. */
  readonly inputs: readonly string[];
}

/** Bundles an entry as the functions are that are deployed. */
export const bundle = (entry: string): Bundle => built(entry, bundling.supported);

/** Bundles an entry as esbuild does unless it is told otherwise, minified: dynamic imports stay what they are. */
export const usualBundle = (entry: string): Bundle => built(entry, {});

function built(entry: string, supported: Readonly<Record<string, boolean>>): Bundle {
  const { outputFiles, metafile } = buildSync({
    ...bundling,
    supported: { ...supported },
    entryPoints: [entry],
    metafile: true,
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  return { code: outputFiles[0]?.contents ?? new Uint8Array(), inputs };
}
