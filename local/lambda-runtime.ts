import { randomUUID } from 'node:crypto';
import { devNull } from 'node:os';
import { startProcess } from './function-process.ts';
import type { FunctionProcess } from './function-process.ts';
import type { FunctionSpec } from './functions.ts';
import { ACCOUNT } from './physical.ts';
import { failed } from './runtime-api.ts';
import type { InvocationResult } from './runtime-api.ts';

/** Runs the functions of the template, each in processes of its own. */
export interface LambdaRuntime {
  /** True when there is a function of this name. */
  has(name: string): boolean;
  /** Waits for a free process when all are busy. Never rejects. */
  invoke(name: string, event: string): Promise<InvocationResult>;
  /** Ids of the processes of a function that are up now. */
  processes(name: string): readonly number[];
  stop(): Promise<void>;
}

export interface RuntimeOptions {
  readonly region: string;
  /** Most processes of one function at a time. */
  readonly concurrency: number;
  /** Goes to every function and outranks the template: endpoints, and what the operator set. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (functionName: string, line: string) => void;
}

interface Pool {
  readonly spec: FunctionSpec;
  readonly environment: Readonly<Record<string, string>>;
  /** The last is the most recently used: it answers next, as its caches are the warmest. */
  readonly idle: FunctionProcess[];
  readonly all: Set<FunctionProcess>;
  /** Invocations that wait for a process, first come first served. */
  readonly queue: (() => void)[];
  busy: number;
}

export function createRuntime(specs: readonly FunctionSpec[], options: RuntimeOptions): LambdaRuntime {
  const pools = new Map<string, Pool>(
    specs.map((spec) => [
      spec.name,
      { spec, environment: environmentOf(spec, options), idle: [], all: new Set(), queue: [], busy: 0 },
    ]),
  );
  let stopped = false;

  async function processOf(pool: Pool): Promise<FunctionProcess> {
    const warm = pool.idle.pop();
    if (warm) return warm;
    const process = await startProcess(pool.spec, {
      environment: pool.environment,
      onLine: (line) => options.onLine(pool.spec.name, line),
      onExit: (gone) => {
        pool.all.delete(gone);
        const place = pool.idle.indexOf(gone);
        if (place >= 0) pool.idle.splice(place, 1);
      },
    });
    if (process.alive) pool.all.add(process);
    return process;
  }

  async function invoke(name: string, event: string): Promise<InvocationResult> {
    const pool = pools.get(name);
    if (!pool) return failed('ResourceNotFoundException', `Function not found: ${name}`);
    if (pool.busy >= options.concurrency) await new Promise<void>((resolve) => pool.queue.push(resolve));
    else pool.busy += 1;
    try {
      if (stopped) return failed('Runtime.Stopped', 'The local stack is stopping.');
      const process = await processOf(pool);
      const result = await process.invoke({
        requestId: randomUUID(),
        arn: arnOf(pool.spec, options.region),
        event,
      });
      if (process.alive) pool.idle.push(process);
      return result;
    } finally {
      // The place goes straight to the next in line, so nobody who comes later can take it.
      const next = pool.queue.shift();
      if (next) next();
      else pool.busy -= 1;
    }
  }

  return {
    has: (name) => pools.has(name),
    invoke,
    processes: (name) =>
      [...(pools.get(name)?.all ?? [])].flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    stop: async () => {
      stopped = true;
      await Promise.all([...pools.values()].flatMap(({ all }) => [...all].map((process) => process.kill())));
    },
  };
}

export const arnOf = ({ name }: FunctionSpec, region: string): string =>
  `arn:aws:lambda:${region}:${ACCOUNT}:function:${name}`;

/**
 * What a function sees: the template's variables, what Lambda itself sets, and what the operator overrides.
 * Nothing else of this process's environment: a developer's credentials are none of a function's business.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
function environmentOf(spec: FunctionSpec, options: RuntimeOptions): Record<string, string> {
  return {
    ...spec.environment,
    ...options.environment,
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    // The local engines take any.
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // The SDK would read the developer's own profile from the home directory.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memory),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: spec.directory,
    TZ: ':UTC',
    _HANDLER: spec.handler,
  };
}
