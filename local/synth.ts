import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StackError } from './stack-error.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Synthesizes the CDK app, offline and without credentials, into a cloud assembly.
 *
 * @param directory where the assembly goes; it must lie below the repository, whose packages its code may import
 * @throws {StackError} with the app's own last words when it fails
 */
export async function synthesize(
  directory: string,
  context: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<void> {
  mkdirSync(dirname(directory), { recursive: true });
  // Without this a bundle would be taken for an ES module, as everything below our own package.json is.
  writeFileSync(join(dirname(directory), 'package.json'), '{"type":"commonjs"}\n');
  const child = spawn(process.execPath, [join(root, 'bin', 'app.ts')], {
    cwd: root,
    env: {
      ...process.env,
      CDK_OUTDIR: directory,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  throw new StackError(
    `the stack cannot be synthesized (node bin/app.ts says why):\n${output.join('').trim()}`,
  );
}
