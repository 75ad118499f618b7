import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDecisions } from './decisions.ts';
import type { Decisions } from './decisions.ts';
import { describeStack } from './description.ts';
import type { StackDescription } from './description.ts';
import { startEngine } from './engine.ts';
import { managementUrl, readApis, serveApis } from './front-doors.ts';
import { readFunctions } from './functions.ts';
import { lambdaApi } from './lambda-api.ts';
import { createRuntime } from './lambda-runtime.ts';
import type { LambdaRuntime } from './lambda-runtime.ts';
import { lockDirectory, refuseSecondStart } from './lock.ts';
import { listen } from './loopback.ts';
import { openPorts, servedUrls, trustedOrigins, urlsOf } from './ports.ts';
import type { Ports } from './ports.ts';
import { openSecretStore } from './secrets/secret-store.ts';
import { secretsManager } from './secrets/secrets-manager.ts';
import { seedSecrets } from './secrets/seed.ts';
import { removeStackFile } from './stack-file.ts';
import { synthesize } from './synth.ts';
import { createTables, readTables } from './tables.ts';
import { loadAssembly, openTemplate } from './template.ts';
import type { Assembly, Template } from './template.ts';

export interface StackOptions {
  /** First of six consecutive ports; 0 chooses free ones. @default 0 */
  readonly port?: number;
  /** Where data, secrets, decisions and the synthesized template are kept. */
  readonly directory: string;
  /** A synthesized template to run. @default the CDK app is synthesized for the stack's own addresses */
  readonly assembly?: Assembly;
  /** Most processes of one function. @default 2 */
  readonly concurrency?: number;
  /** @default us-east-1 */
  readonly region?: string;
  /** Address of a DynamoDB engine to use. @default the embedded engine is started */
  readonly dynamodb?: string;
  /** Start from empty data. @default false */
  readonly reset?: boolean;
  /** Configuration of the functions that outranks the template. @default none */
  readonly functions?: Readonly<Record<string, string>>;
  /** What is being done now, and what went wrong behind a 5xx. @default nothing is said */
  readonly onProgress?: (line: string) => void;
  /** Gives up starting, for example because the terminal said so. */
  readonly signal?: AbortSignal;
}

export interface LocalStack {
  readonly urls: StackDescription;
  readonly ports: Ports;
  readonly template: Template;
  readonly runtime: LambdaRuntime;
  readonly decisions: Decisions;
  /** Ends everything it started: servers, function processes, the engine. Safe to call twice. */
  stop(): Promise<void>;
}

/** Seconds until a seeded ring's second key signs: what a rotation would wait (KEY_RING_PUBLISH_SECONDS). */
const PUBLISH_DELAY = 4200;

/**
 * Starts the whole system from the synthesized template: there is no other wiring.
 *
 * @throws {StackError} in one line, with what to do; then nothing is left running
 */
export async function startStack(options: StackOptions): Promise<LocalStack> {
  const undo: (() => unknown)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    // Last started, first stopped: no function outlives the servers it calls, no server its functions.
    stopping ??= undo.reduceRight(
      (before, end) => before.then(async () => void (await end())),
      Promise.resolve(),
    );
    return stopping;
  };
  try {
    return { ...(await start(options, (end) => undo.push(end))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Defer = (end: () => unknown) => void;

async function start(options: StackOptions, defer: Defer): Promise<Omit<LocalStack, 'stop'>> {
  const { directory, region = 'us-east-1', onProgress = () => {} } = options;
  await refuseSecondStart(directory);
  const ports = await openPorts(options.port ?? 0);
  defer(() => Promise.all(Object.values(ports).map((listener) => listener.close())));
  defer(await lockDirectory(directory, ports.rest.port));
  removeStackFile(directory);
  defer(() => removeStackFile(directory));
  if (options.reset) forget(directory);

  onProgress('synthesizing the stack and starting the DynamoDB engine');
  const addresses = addressVariables(ports, options);
  const [assembly, dynamodb] = await settleAll([
    options.assembly ?? synthesized(directory, addresses, options.signal),
    options.dynamodb ?? engineEndpoint(directory, defer),
  ]);
  const template = openTemplate(assembly, region);
  const functions = readFunctions(template);
  const apis = readApis(template);

  onProgress('creating tables and secrets');
  await createTables(readTables(template), { endpoint: dynamodb, region, reset: options.reset ?? false });
  const store = openSecretStore(join(directory, 'secrets.json'));
  const delay = Number(options.functions?.['KEY_RING_PUBLISH_SECONDS'] ?? PUBLISH_DELAY);
  seedSecrets(template, store, Date.now() / 1000, delay);
  const secrets = await listen({ port: 0, purpose: 'Secrets Manager', programsOnly: true });
  defer(() => secrets.close());
  const secretsUrl =
    options.functions?.['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? `http://127.0.0.1:${secrets.port}`;

  const management = await listen({ port: 0, purpose: 'WebSocket management API', programsOnly: true });
  defer(() => management.close());
  const connections = managementUrl(apis, management);

  const decisions = openDecisions(join(directory, 'decisions.jsonl'));
  const log = createWriteStream(join(directory, 'functions.log'), { mode: 0o600 });
  defer(() => new Promise<void>((resolve) => log.end(resolve)));
  const environment = {
    ...(options.assembly && addresses),
    ...options.functions,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsUrl,
    ...(connections !== undefined && { WEBSOCKET_MANAGEMENT_URL: connections }),
  };
  const runtime = createRuntime(functions, {
    region,
    concurrency: options.concurrency ?? 2,
    environment,
    onLine: (name, line) => {
      decisions.accept(line);
      log.write(`${name}: ${line}\n`);
    },
  });
  defer(() => runtime.stop());

  const onEnd = (arn: string, failure?: string): void =>
    onProgress(`rotation of ${arn}: ${failure ?? 'done'}`);
  secrets.serve(secretsManager({ store, runtime, now: () => Date.now() / 1000, onEnd }));
  ports.lambda.serve(lambdaApi(runtime));
  const doors = await serveApis(apis, { ports, management, region, runtime, onProblem: onProgress });
  defer(doors.stop);
  const served = servedUrls(ports, doors.closed);
  const urls = describeStack(
    template,
    functions,
    { ...served, dynamodb, secretsManager: secretsUrl },
    environment,
  );
  return { urls, ports, template, runtime, decisions };
}

/** Where the functions are reached, unless the operator says otherwise. */
function addressVariables(ports: Ports, { functions }: StackOptions): Readonly<Record<string, string>> {
  return {
    BETTER_AUTH_URL: functions?.['BETTER_AUTH_URL'] ?? urlsOf(ports).rest,
    TRUSTED_ORIGINS: functions?.['TRUSTED_ORIGINS'] ?? trustedOrigins(ports).join(','),
  };
}

async function synthesized(
  directory: string,
  addresses: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Assembly> {
  const output = join(directory, 'cdk.out');
  const { BETTER_AUTH_URL: betterAuthUrl = '', TRUSTED_ORIGINS: origins = '' } = addresses;
  await synthesize(output, { stage: 'dev', betterAuthUrl, trustedOrigins: origins }, signal);
  return loadAssembly(output);
}

async function engineEndpoint(directory: string, defer: Defer): Promise<string> {
  const data = join(directory, 'data');
  mkdirSync(data, { recursive: true });
  const engine = await startEngine({ dataPath: join(data, 'dynamodb.db') });
  defer(() => engine.stop());
  return engine.endpoint;
}

/** Everything of an earlier run that belongs together: keys without data, or data without keys, are of no use. */
function forget(directory: string): void {
  for (const name of ['data', 'secrets.json', 'demo.json', 'decisions.jsonl']) {
    rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/** Both, or the first error once neither is under way any more: what one of them started can then be stopped. */
async function settleAll<A, B>(work: readonly [A | Promise<A>, B | Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return [await work[0], await work[1]];
}
