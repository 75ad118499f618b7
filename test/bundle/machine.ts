import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asSamSets, environment } from '../../events/source/environment.ts';
import { seed } from '../../events/source/seed.ts';
import { readFunctions, type FunctionSpec } from '../../local/functions.ts';
import { createRuntime, type LambdaRuntime } from '../../local/lambda-runtime.ts';
import { synthesize } from '../../local/synth.ts';
import { createTables, readTables } from '../../local/tables.ts';
import { loadAssembly, openTemplate, type Template } from '../../local/template.ts';
import { startTestEngine } from '../support/engine.ts';
import { patiently, type Outcome } from './answer.ts';

export const region = 'us-east-1';

/** The functions of the synthesized template, as SAM would give them their variables, on a seeded engine. */
export interface Machine {
  readonly template: Template;
  readonly templateFile: string;
  readonly functions: readonly FunctionSpec[];
  /** By logical id. */
  readonly functionOf: (logicalId: string) => FunctionSpec;
  readonly dynamodb: DynamoDBClient;
  readonly endpoint: string;
  stop(): Promise<void>;
}

export async function startMachine(): Promise<Machine> {
  const directory = await mkdtemp(join(tmpdir(), 'bundle-'));
  const assembly = join(directory, 'cdk.out');
  const [engine] = await Promise.all([startTestEngine(), synthesize(assembly, {})]);
  const template = openTemplate(loadAssembly(assembly), region);
  await createTables(readTables(template), { endpoint: engine.endpoint, region, reset: true });
  await seed(engine.client, environment.AUTH_TABLE_NAME);

  const parameters = { ...environment, AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint };
  const functions = readFunctions(template).map((spec) =>
    Object.assign({}, spec, { environment: asSamSets(spec.environment, parameters) }),
  );
  return {
    template,
    templateFile: join(assembly, 'CrmAuthorizer.template.json'),
    functions,
    functionOf: (logicalId) => {
      const found = functions.find((each) => each.logicalId === logicalId);
      if (!found) throw new Error(`The template has no function ${logicalId}`);
      return found;
    },
    dynamodb: engine.client,
    endpoint: engine.endpoint,
    stop: async () => {
      await engine.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Every function in a process of its own, over the Lambda Runtime API. */
export const startProcesses = ({ functions }: Machine): LambdaRuntime =>
  createRuntime(functions, { region, concurrency: 1, environment: {}, onLine: () => {} });

/** What a bundle answers in its own process. */
export async function overRuntimeApi(
  processes: LambdaRuntime,
  { functionOf }: Machine,
  functionName: string,
  event: object,
): Promise<Outcome> {
  return patiently(async () => {
    const result = await processes.invoke(functionOf(functionName).name, JSON.stringify(event));
    return result.ok ? { answer: JSON.parse(result.payload) } : { error: result.errorMessage };
  });
}
