import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as v from 'valibot';
import type { Outcome } from './answer.ts';

/** A function as the SAM CLI would run it. */
const SamFunction = v.object({
  directory: v.string(),
  handler: v.string(),
  environment: v.record(v.string(), v.string()),
});
export type SamFunction = v.InferOutput<typeof SamFunction>;

const repository = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const run = promisify(execFile);

/** The SAM CLI of a Python environment. */
export interface Sam {
  /** As its own code reads a template: where the code lies, and which variables it gets. By logical id. */
  functions(
    template: string,
    parameters: Readonly<Record<string, string>>,
  ): Readonly<Record<string, SamFunction>>;
  /** What `sam local generate-event apigateway …` prints. */
  generate(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
  /** AWS's Runtime Interface Emulator, as the SAM CLI carries it into its containers. */
  readonly emulator: string;
}

/** @param environment directory of the Python virtual environment with the SAM CLI in it */
export function openSam(environment: string): Sam {
  const python = join(environment, 'bin', 'python');
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  const where = 'import samcli.local.rapid as it; print(list(it.__path__)[0])';
  const { stdout: rapid } = spawnSync(python, ['-c', where], { encoding: 'utf8' });
  const emulator = join(rapid.trim(), `aws-lambda-rie-${architecture}`);
  if (!existsSync(emulator)) throw new Error('The SAM CLI carries no Runtime Interface Emulator');
  return {
    emulator,
    functions: (template, parameters) => {
      const directory = mkdtempSync(join(tmpdir(), 'sam-'));
      const file = join(directory, 'env.json');
      writeFileSync(file, JSON.stringify({ Parameters: parameters }));
      const args = [repository('.ci/sam-functions.py'), template, file];
      const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
      rmSync(directory, { recursive: true });
      if (status !== 0) throw new Error(stderr);
      return v.parse(v.record(v.string(), SamFunction), JSON.parse(stdout));
    },
    generate: async (...args) => {
      const sam = join(environment, 'bin', 'sam');
      const env = { ...process.env, SAM_CLI_TELEMETRY: '0' };
      const { stdout } = await run(sam, ['local', 'generate-event', 'apigateway', ...args], { env });
      return v.parse(v.record(v.string(), v.unknown()), JSON.parse(stdout));
    },
  };
}

export interface Emulated {
  invoke(event: object): Promise<Outcome>;
  stop(): Promise<void>;
}

const Failure = v.object({ errorType: v.string(), errorMessage: v.string() });

/**
 * Runs a function under the emulator. It starts its runtime without an input, which ours takes for the end of the
 * local stack: a pipe stands in for it whose other end the runtime holds itself.
 */
export async function emulate(emulator: string, spec: SamFunction): Promise<Emulated> {
  const directory = mkdtempSync(join(tmpdir(), 'rie-'));
  const pipe = join(directory, 'input');
  spawnSync('mkfifo', [pipe]);
  const [port, runtimePort] = [await freePort(), await freePort()];
  const addresses = ['--runtime-interface-emulator-address', `127.0.0.1:${port}`];
  const runtime = ['--runtime-api-address', `127.0.0.1:${runtimePort}`, '--log-level', 'error'];
  const bootstrap = [
    '/bin/sh',
    '-c',
    'exec "$0" "$1" 0<>"$2"',
    process.execPath,
    repository('local/bootstrap.mjs'),
  ];
  const child = spawn(emulator, [...addresses, ...runtime, ...bootstrap, pipe], {
    cwd: spec.directory,
    // In the container the image says where the code lies.
    env: { ...spec.environment, LAMBDA_TASK_ROOT: spec.directory, _HANDLER: spec.handler },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
    rmSync(directory, { recursive: true, force: true });
  };
  await listening(port).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    invoke: async (event) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(event) });
      const answer: unknown = await response.json();
      const failure = v.safeParse(Failure, answer);
      return failure.success ? { error: failure.output.errorMessage } : { answer };
    },
    stop,
  };
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** The emulator says nothing when it is ready, so the port is asked, for 10 seconds at most. */
async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The Runtime Interface Emulator does not listen');
}
