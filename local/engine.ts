import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A running DynamoDB engine of our own. */
export interface Engine {
  /** `http://127.0.0.1:<port>`; any AWS credentials are accepted. */
  readonly endpoint: string;
  readonly port: number;
  /** Ends the engine and waits until its port is free again. Safe to call twice. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** TCP port on 127.0.0.1; 0 chooses a free one. @default 0 */
  readonly port?: number;
  /** File that keeps the data. @default the data lives in memory and goes with the engine */
  readonly dataPath?: string;
  /** Milliseconds the engine may take to listen. It needs about 10. @default 10000 */
  readonly startTimeout?: number;
}

/** Said in one line, with what to do: the engine cannot be started on this machine. */
export class EngineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EngineError';
  }
}

/**
 * The engine is a native program that would outlive a parent that crashes or is killed with SIGKILL, and
 * then hold its port and its data file. So a shell stands between: it blocks on a pipe whose other end only
 * this process holds. The kernel closes that pipe however this process ends, and the shell ends the engine.
 */
const WATCHDOG = `
exec 3<&0
"$@" </dev/null 3<&- &
engine=$!
{ read -r _ <&3; kill "$engine" 2>/dev/null; } &
watch=$!
wait "$engine"
status=$?
kill "$watch" 2>/dev/null
exit "$status"`;

/**
 * Starts the embedded DynamoDB engine on the loopback address.
 *
 * @throws {EngineError} the binary for this platform is missing, the port is taken, or it did not start in time
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const binary = engineBinary();
  const port = options.port || (await freePort());
  const args = ['serve', '--host', '127.0.0.1', '--port', String(port)];
  if (options.dataPath !== undefined) args.push('--db-path', options.dataPath);
  // A process group of its own: Ctrl-C in a terminal reaches us alone, and we end the engine last, in order.
  const child = spawn('/bin/sh', ['-c', WATCHDOG, 'engine', binary, ...args], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await listening(child, options.startTimeout ?? 10_000);
  child.unref();
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    stop: async () => {
      child.ref();
      child.stdin?.destroy();
      await exited;
    },
  };
}

/** Resolves when the engine says that it listens; it binds before it says so. */
async function listening(child: ChildProcess, timeout: number): Promise<void> {
  const { stderr, stdin } = child;
  if (stderr === null) throw new EngineError('the DynamoDB engine has no standard error to read');
  const lines = createInterface({ input: stderr });
  await new Promise<void>((resolve, reject) => {
    let last = 'it said nothing';
    const fail = (why: string): void => {
      stdin?.destroy();
      reject(new EngineError(`the DynamoDB engine did not start: ${why}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${timeout} ms`), timeout);
    lines.on('line', (line) => {
      last = line.replace(/^error: /, '');
      if (!line.startsWith('Dynoxide listening')) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('error', (error) => fail(error.message));
    child.once('close', () => {
      clearTimeout(timer);
      fail(last);
    });
  });
  // Its later output is of no use to anybody, but a full pipe would stop it; and it must not keep us alive.
  if ('unref' in stderr && typeof stderr.unref === 'function') stderr.unref();
  if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
}

/**
 * The engine's program for this platform, an optional dependency.
 *
 * @throws {EngineError} where no such package is installed
 */
export function engineBinary(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@dynoxide/${platform}-${arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const binary = manifest.replace(/package\.json$/, 'dynoxide');
    if (existsSync(binary)) return binary;
  } catch {
    // Not installed: said below.
  }
  throw new EngineError(
    `no embedded DynamoDB engine for this platform (${name} is not installed): ` +
      'start any DynamoDB-compatible engine and set AWS_ENDPOINT_URL_DYNAMODB to its address',
  );
}

/** A port that is free now. Another program could take it before the engine does: then starting fails, said so. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new EngineError('no free port on 127.0.0.1'));
      });
    });
  });
}
