import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizerCases, type AuthorizerCase } from '../../events/source/cases.ts';
import { endpointCases } from '../../events/source/endpoints.ts';
import { environment } from '../../events/source/environment.ts';
import { freshCases } from '../../events/source/fresh.ts';
import { callers } from '../../events/source/request.ts';
import { apiKey } from '../../events/source/world.ts';
import type { LambdaRuntime } from '../../local/lambda-runtime.ts';
import { expectDecision, expectResponse, patiently, type Outcome } from './answer.ts';
import { emulate, openSam, type Emulated, type SamFunction } from './emulator.ts';
import { overRuntimeApi, startMachine, startProcesses, type Machine } from './machine.ts';

/**
 * The bundles as `sam local invoke` would run them, without its container: functions and variables as the SAM
 * CLI's own code reads them from the template, under AWS's Runtime Interface Emulator. `.ci/sam` runs this.
 */
const sam = openSam(process.env['SAM_ENVIRONMENT'] ?? '');
let machine: Machine;
let functions: Readonly<Record<string, SamFunction>>;
let processes: LambdaRuntime;
let fresh: readonly AuthorizerCase[];
const running = new Map<string, Promise<Emulated>>();

beforeAll(async () => {
  machine = await startMachine();
  processes = startProcesses(machine);
  functions = sam.functions(machine.templateFile, {
    ...environment,
    AWS_ENDPOINT_URL_DYNAMODB: machine.endpoint,
  });
  fresh = await freshCases(Date.now());
}, 60_000);
afterAll(async () => {
  for (const emulated of running.values()) await (await emulated).stop();
  await processes.stop();
  await machine.stop();
});

async function invoke(functionName: string, event: object): Promise<Outcome> {
  const spec = functions[functionName];
  if (!spec) throw new Error(`The SAM CLI finds no function ${functionName}`);
  const emulated = running.get(functionName) ?? emulate(sam.emulator, spec);
  running.set(functionName, emulated);
  return patiently(async () => (await emulated).invoke(event));
}

test('the SAM CLI reads code, handler and variables from the template as the other tests do', () => {
  expect(Object.keys(functions).sort()).toEqual(machine.functions.map(({ logicalId }) => logicalId).sort());
  for (const { logicalId, directory, handler, environment: variables } of machine.functions) {
    // What refers to another resource both put together in their own way: nothing is deployed to refer to.
    const own = Object.entries(variables).filter(
      ([name]) => !name.endsWith('_ARN') && name !== 'WEBSOCKET_MANAGEMENT_URL',
    );
    expect(functions[logicalId]).toMatchObject({ directory, handler, environment: Object.fromEntries(own) });
  }
});

describe('under the Runtime Interface Emulator every event has the answer it has over our own Runtime API:', () => {
  test.each(
    authorizerCases.flatMap((each) => each.functionNames.map((name) => [name, each.file, each] as const)),
  )('%s to %s', async (functionName, file, each) => {
    const variants = [each, ...fresh.filter((another) => another.file === file)];
    for (const variant of variants) {
      const outcome = await invoke(functionName, variant.event);
      expectDecision(functionName, variant, outcome);
      expect(await overRuntimeApi(processes, machine, functionName, variant.event)).toEqual(outcome);
    }
  });

  test.each(endpointCases.map((each) => [each.functionNames.join(), each.file, each] as const))(
    '%s to %s',
    async (functionName, _, each) => expectResponse(each, await invoke(functionName, each.event)),
  );
});

describe('events that the SAM CLI makes:', () => {
  const route = ['--method', 'GET', '--resource', 'v1/whoami'];
  const allowed = { allow: callers.apiKey };
  const answer = async (
    functionName: string,
    event: AuthorizerCase['event'],
    expected: AuthorizerCase['expected'],
  ) =>
    expectDecision(
      functionName,
      { file: '', says: '', event, functionNames: [functionName], expected },
      await invoke(functionName, event),
    );

  test.each(['RestAuthorizer', 'HttpV1Authorizer'])('%s reads request-authorizer', async (functionName) => {
    const event = await sam.generate('request-authorizer', ...route);
    await answer(functionName, event, { deny: 'credential_missing' });
    await answer(functionName, { ...event, headers: { 'X-Api-Key': apiKey.text } }, allowed);
  });

  test('RestTokenAuthorizer reads authorizer', async () => {
    const event = await sam.generate('authorizer', ...route);
    await answer('RestTokenAuthorizer', event, { deny: 'credential_malformed' });
    await answer('RestTokenAuthorizer', { ...event, authorizationToken: `Bearer ${apiKey.text}` }, allowed);
  });

  test('HttpAuthorizer refuses http-api-proxy, which is no event for authorizers', async () => {
    await answer('HttpAuthorizer', await sam.generate('http-api-proxy'), { fault: true });
  });

  test.each(['aws-proxy', 'http-api-proxy'])('Preflight reads %s', async (kind) => {
    const outcome = await invoke('Preflight', await sam.generate(kind));
    expect(outcome).toMatchObject({ answer: { statusCode: 204 } });
  });

  test.each(['aws-proxy', 'http-api-proxy'])('Whoami believes nobody in %s', async (kind) => {
    const outcome = await invoke('Whoami', await sam.generate(kind));
    expect(outcome).toMatchObject({ answer: { statusCode: 503 } });
  });
});
