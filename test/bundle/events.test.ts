import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizerCases, type AuthorizerCase } from '../../events/source/cases.ts';
import { endpointCases } from '../../events/source/endpoints.ts';
import { environment } from '../../events/source/environment.ts';
import { freshCases } from '../../events/source/fresh.ts';
import { authority } from '../../lambda/authorizer/authority.ts';
import { authorizer } from '../../lambda/authorizer/authorizer.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import * as surfaces from '../../lambda/surfaces/index.ts';
import type { Surface } from '../../lambda/surfaces/surface.ts';
import type { LambdaRuntime } from '../../local/lambda-runtime.ts';
import { expectDecision, expectResponse, patiently, type Outcome } from './answer.ts';
import { overRuntimeApi, startMachine, startProcesses, type Machine } from './machine.ts';

/**
 * Every event of `events/`, through the built bundle of the function that the synthesized template names, in a
 * process of its own over the Lambda Runtime API, with the variables that SAM would set.
 */
let machine: Machine;
let processes: LambdaRuntime;
let fresh: readonly AuthorizerCase[];
beforeAll(async () => {
  machine = await startMachine();
  processes = startProcesses(machine);
  fresh = await freshCases(Date.now());
}, 60_000);
afterAll(async () => {
  await processes.stop();
  await machine.stop();
});

const bundled = (functionName: string, event: object): Promise<Outcome> =>
  overRuntimeApi(processes, machine, functionName, event);

const inProcessSurfaces: ReadonlyMap<string, Surface<object>> = new Map<string, Surface<object>>(
  Object.entries({
    RestAuthorizer: surfaces.rest,
    RestTokenAuthorizer: surfaces.restToken,
    HttpAuthorizer: surfaces.http,
    HttpIamAuthorizer: surfaces.httpIam,
    HttpV1Authorizer: surfaces.httpV1,
    WebSocketAuthorizer: surfaces.websocket,
  }),
);

interface Decided {
  readonly outcome: Outcome;
  /** What the decision line says: a 401 does not. */
  readonly reason: unknown;
}

/** The same decision by the sources in this process. */
async function inProcess(functionName: string, event: object): Promise<Decided> {
  const surface = inProcessSurfaces.get(functionName);
  if (!surface) throw new Error(`No surface for ${functionName}`);
  const noSecretsManager = () => {
    throw new Error('The secrets are in the environment');
  };
  const clients = { dynamodb: machine.dynamodb, secretsManager: noSecretsManager };
  const config = readConfig(machine.functionOf(functionName).environment);
  const lines: Readonly<Record<string, unknown>>[] = [];
  const log = (line: Readonly<Record<string, unknown>>) => lines.push(line);
  const decide = authorizer(surface, authority(config, clients, Date.now), Date.now, log);
  const outcome = await patiently(() =>
    decide(event).then(
      (answer) => ({ answer: JSON.parse(JSON.stringify(answer)) }),
      (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
    ),
  );
  return { outcome, reason: lines.findLast((line) => line['event'] === 'decision')?.['reason'] };
}

async function expectBoth(functionName: string, each: AuthorizerCase): Promise<void> {
  const outcome = await bundled(functionName, each.event);
  expectDecision(functionName, each, outcome);
  const decided = await inProcess(functionName, each.event);
  expect(decided.outcome).toEqual(outcome);
  expect(decided.reason).toBe('deny' in each.expected ? each.expected.deny : undefined);
}

const rows = authorizerCases.flatMap((each) =>
  each.functionNames.map((functionName) => [functionName, each.file, each] as const),
);

describe('the bundle answers as the event says, and as the sources do in process:', () => {
  test.each(rows)('%s to %s', (functionName, _, each) => expectBoth(functionName, each));

  test.each(rows.filter(([, , each]) => each.fresh))(
    '%s to %s with a fresh token',
    async (functionName, file) => {
      const variant = fresh.find((each) => each.file === file);
      if (!variant) throw new Error(`No fresh variant of ${file}`);
      await expectBoth(functionName, variant);
    },
  );
});

describe('the functions behind answer as the event says:', () => {
  test.each(endpointCases.map((each) => [each.functionNames.join(), each.file, each] as const))(
    '%s to %s',
    async (functionName, _, each) => expectResponse(each, await bundled(functionName, each.event)),
  );

  test("Better Auth's session is that of the user whose cookie was sent", async () => {
    const event = endpointCases.find(({ functionNames }) => functionNames.includes('Identity'))?.event ?? {};
    const outcome = await bundled('Identity', event);
    expect(JSON.stringify(outcome)).toContain('events@example.com');
  });
});

test('every authorizer of the template has events, and nothing else is asked', () => {
  const named = machine.functions
    .map(({ logicalId }) => logicalId)
    .filter((logicalId) => logicalId.endsWith('Authorizer'));
  expect([...new Set(rows.map(([functionName]) => functionName))].sort()).toEqual(named.sort());
});

test('env.json names the tables as the local stack does, and sets nothing the template does not declare', () => {
  expect(environment.AUTH_TABLE_NAME).toBe(machine.template.output('TableName'));
  expect(environment.RECORDS_TABLE_NAME).toBe(machine.template.output('RecordsTableName'));
  const declared = new Set(machine.functions.flatMap((each) => Object.keys(each.environment)));
  expect(Object.keys(environment).filter((name) => !declared.has(name))).toEqual([]);
});
