import { join } from 'node:path';
import { buildSync } from 'esbuild';

const root = join(import.meta.dirname, '..', '..');

export interface Bundle {
  readonly code: Uint8Array;
  /** Paths of the files that went into it, from the root of the package. */
  readonly inputs: readonly string[];
}

/** Bundles an entry as `lib/bundles.ts` bundles the functions that are deployed. */
export function bundle(entry: string): Bundle {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    write: false,
    metafile: true,
    bundle: true,
    minify: true,
    treeShaking: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': join(root, 'lib', 'environment-credentials.ts') },
    legalComments: 'none',
    logLevel: 'silent',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  return { code: outputFiles[0]?.contents ?? new Uint8Array(), inputs };
}
