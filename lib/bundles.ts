import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync, type BuildOptions } from 'esbuild';

/** Every file that is bundled for Lambda, from the root of the package. */
export const entries = [
  'lambda/authorizer/handler.ts',
  'lambda/identity/handler.ts',
  'lambda/extensions/issuer-handler.ts',
  'lambda/extensions/installation-handler.ts',
  'lambda/crm/whoami-handler.ts',
  'lambda/crm/records-handler.ts',
  'lambda/crm/actions-handler.ts',
  'lambda/crm/preflight-handler.ts',
  'lambda/realtime/realtime-handler.ts',
  'lambda/rotation/rotation-handler.ts',
] as const;
export type Entry = (typeof entries)[number];

const root = join(import.meta.dirname, '..');
let bundles: ReadonlyMap<string, Uint8Array> | undefined;

/**
 * Lends the directory that holds the bundle of an entry, one file `index.js`, while `use` runs. CDK copies it
 * into its output when the function is made, named by the hash of its content, so nothing is left behind.
 */
export function withBundle<Result>(entry: Entry, use: (directory: string) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), 'crm-authorizer-'));
  try {
    writeFileSync(join(directory, 'index.js'), bundleOf(entry));
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The bundle of an entry, as it is deployed. */
export function bundleOf(entry: Entry): Uint8Array {
  bundles ??= bundleAll();
  const bundle = bundles.get(entry);
  if (bundle === undefined) throw new Error(`esbuild gave no bundle for ${entry}.`);
  return bundle;
}

const standIn = (file: string): string => join(import.meta.dirname, file);

/**
 * How everything is bundled for Lambda. CommonJS because it loads faster than ESM there. The SDK is bundled: what was
 * tested is what runs, whatever the runtime brings. `NODE_ENV` is left alone: nothing here may depend on it.
 */
export const bundling = {
  absWorkingDir: root,
  write: false as const,
  bundle: true,
  minify: true,
  treeShaking: true,
  platform: 'node' as const,
  target: 'node24',
  format: 'cjs' as const,
  mainFields: ['module', 'main'],
  alias: {
    '@aws-sdk/credential-provider-node': standIn('environment-credentials.ts'),
    'node:fs/promises': standIn('lazy-fs-promises.ts'),
    'node:zlib': standIn('lazy-zlib.ts'),
  },
  // `require` in their place. The SDK imports `node:http` when it first needs it, and an import of that module asks
  // every export of it for its value, one of which loads a second HTTP client: a quarter of a cold start (Node 24).
  supported: { 'dynamic-import': false },
  legalComments: 'none' as const,
  // It throws what it has to say.
  logLevel: 'silent' as const,
} satisfies BuildOptions & { write: false };

/** All entries in one run: a run for each would start esbuild and read the AWS SDK again every time. */
function bundleAll(): ReadonlyMap<string, Uint8Array> {
  const { outputFiles } = buildSync({
    ...bundling,
    entryPoints: entries.map((entry) => ({ in: entry, out: entry })),
    outdir: root,
  });
  return new Map(
    entries.map((entry) => [entry, outputFiles.find(isOf(entry))?.contents ?? new Uint8Array()]),
  );
}

const isOf = (entry: Entry) => (file: { readonly path: string }) => file.path === join(root, `${entry}.js`);
