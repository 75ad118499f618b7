import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The repository as it is, elsewhere: with a `.local` of its own. */
export interface Checkout {
  readonly directory: string;
  /** Runs what `npm start` runs. */
  readonly start: (environment: Readonly<Record<string, string>>) => Started;
  readonly remove: () => void;
}

export interface Started {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Exit status; -1 when a signal ended it. */
  readonly exited: Promise<number>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

export function checkOut(): Checkout {
  const directory = mkdtempSync(join(tmpdir(), 'contract-checkout-'));
  for (const name of ['bin', 'lib', 'lambda', 'local', 'package.json', 'cdk.json', 'tsconfig.json']) {
    cpSync(join(root, name), join(directory, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return {
    directory,
    start: (environment) => start(directory, environment),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function start(directory: string, environment: Readonly<Record<string, string>>): Started {
  const { PATH = '' } = process.env;
  const { scripts } = manifest(directory);
  const [, ...command] = (scripts['start'] ?? '').split(' ');
  const child = spawn(process.execPath, command, { cwd: directory, env: { PATH, ...environment } });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  return {
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exited: new Promise((resolve) => child.once('close', (code) => resolve(code ?? -1))),
    kill: (signal) => void child.kill(signal),
  };
}

const manifest = (directory: string): { readonly scripts: Readonly<Record<string, string>> } =>
  JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));

/** The file as JSON, as soon as it is there. @throws {Error} with what was said, when the process ends before */
export async function appeared(file: string, started: Started): Promise<unknown> {
  const ended = started.exited.then((code) => {
    throw new Error(`ended with ${code}: ${started.stdout()}${started.stderr()}`);
  });
  const found = async (): Promise<unknown> => {
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
    // Renamed into place when it is whole: what is there at all can be read.
    return JSON.parse(readFileSync(file, 'utf8'));
  };
  return Promise.race([found(), ended]);
}

/** The first of six consecutive ports that are free now. */
export async function freePorts(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('no six free ports');
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
