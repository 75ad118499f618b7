import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { FunctionSpec } from './functions.ts';
import { listen } from './loopback.ts';
import { createRuntimeApi, exitError } from './runtime-api.ts';
import type { Invocation, InvocationResult } from './runtime-api.ts';

/** One process of one function, with a Runtime API server of its own as on AWS. */
export interface FunctionProcess {
  readonly pid: number | undefined;
  readonly alive: boolean;
  /** One at a time. Never rejects: a death of the process is a result too. */
  invoke(invocation: Invocation): Promise<InvocationResult>;
  /** Ends it at once and waits until it is gone. Safe to call twice. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Each line the function writes to standard output or error. */
  readonly onLine: (line: string) => void;
  /** The process is gone, for whatever reason. */
  readonly onExit: (process: FunctionProcess) => void;
}

const bootstrap = fileURLToPath(new URL('bootstrap.mjs', import.meta.url));

/** Starts a process of a function. It loads its code at once; the first invocation waits for that. */
export async function startProcess(spec: FunctionSpec, options: ProcessOptions): Promise<FunctionProcess> {
  let alive = true;
  const end = (): void => {
    alive = false;
    child.kill('SIGKILL');
  };
  const api = createRuntimeApi({ timeout: spec.timeout, onTimeout: end });
  const listener = await listen({ port: 0, purpose: `runtime API of ${spec.name}`, programsOnly: true });
  listener.serve(api.serve);

  const child = spawn(process.execPath, [bootstrap], {
    cwd: spec.directory,
    env: { ...options.environment, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${listener.port}` },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Only ever closed: how the function learns that the stack is gone.
  child.stdin.on('error', () => {});
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', options.onLine);

  const self: FunctionProcess = {
    pid: child.pid,
    get alive() {
      return alive;
    },
    invoke: async (invocation) =>
      alive ? api.submit(invocation) : exitError(invocation.requestId, 'exited'),
    kill: async () => {
      end();
      await gone;
    },
  };
  const gone = new Promise<void>((resolve) => {
    const onEnd = (how: string): void => {
      alive = false;
      api.exited(how);
      options.onExit(self);
      resolve(listener.close());
    };
    child.once('error', (error) => onEnd(error.message));
    child.once('exit', (code, signal) => onEnd(signal ? `signal: ${signal}` : `exit status ${code}`));
  });
  return self;
}
