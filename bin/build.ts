import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { bundleOf, entries } from '../lib/bundles.ts';

/**
 * `npm run build`: the package's own export (`crm-authorizer/context`, with types), and every function's bundle
 * exactly as it is deployed, with its size.
 */
await rm('dist', { recursive: true, force: true });

buildSync({
  entryPoints: ['lambda/context/auth-context.ts'],
  outfile: 'dist/context.js',
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
});
const types = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (types.status !== 0) process.exit(types.status ?? 1);
await writeFile('dist/context.d.ts', "export * from './types/context/auth-context.js';\n");

for (const entry of entries) {
  const bundle = bundleOf(entry);
  const folder = `dist/functions/${entry.replace(/^lambda\//, '').replace(/\.ts$/, '')}`;
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/index.js`, bundle);
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} KB`.padStart(8);
  console.log(`${kilobytes(bundle.length)} ${kilobytes(gzipSync(bundle).length)} gzip  ${folder}/index.js`);
}
