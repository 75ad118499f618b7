import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../bin/authctl/program.ts';
import { authority } from '../../lambda/authorizer/authority.ts';
import { authorizer } from '../../lambda/authorizer/authorizer.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { testClock, type TestClock } from './clock.ts';
import { startTestEngine, type TestEngine } from './engine.ts';
import { restEvent, type Sent } from './event.ts';
import { identitySecret, signUp, testIdentity, textOf, type Browser, type TestIdentity } from './identity.ts';
import { patientClient } from './patient.ts';

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** The one JSON document on standard output. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** A local stack as `authctl` finds it, with Better Auth's real endpoint and the real authorizer on its table. */
export interface TestOperations {
  readonly engine: TestEngine;
  readonly identity: TestIdentity;
  readonly clock: TestClock;
  readonly directory: string;
  /** Runs a command line with `--json`. */
  readonly authctl: (...args: readonly string[]) => Promise<Ran>;
  /** … as a person would. */
  readonly plain: (input: string, ...args: readonly string[]) => Promise<Ran>;
  /** What a process of the authorizer that has just started says of a request with this key. */
  readonly decide: (key: string, sent?: Partial<Sent>) => Promise<Readonly<Record<string, unknown>>>;
  /** Rows of keys. */
  readonly keyRows: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
}

export async function startOperations(now = Date.now()): Promise<TestOperations> {
  const engine = await startTestEngine();
  const identity = await testIdentity(engine);
  const clock = testClock(now);
  const directory = await mkdtemp(join(tmpdir(), 'authctl-'));
  const configuration = {
    STAGE: 'dev',
    BETTER_AUTH_URL: 'http://127.0.0.1:3000',
    AUTH_TABLE_NAME: identity.tableName,
    BETTER_AUTH_SECRET: identitySecret,
    EXTENSION_TOKEN_SECRET: 'another secret of at least thirty-two characters',
  };
  const stack = {
    ready: true,
    dynamodb: engine.endpoint,
    secretsManager: 'http://127.0.0.1:9',
    region: 'us-east-1',
    configuration,
  };
  await writeFile(join(directory, 'stack.json'), JSON.stringify(stack));

  const command = async (input: string, args: readonly string[]): Promise<Ran> => {
    let out = '';
    let err = '';
    const exit = await run(args, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      clock,
      directory,
      readInput: async () => input,
    });
    return { exit, out, err, json: args.includes('--json') ? Object(JSON.parse(out)) : {} };
  };
  const secretsManager = (): never => {
    throw new Error('the secrets are in the configuration');
  };
  return {
    engine,
    identity,
    clock,
    directory,
    authctl: (...args) => command('', [...args, '--json']),
    plain: (input, ...args) => command(input, args),
    async decide(key, sent = {}) {
      const lines: Readonly<Record<string, unknown>>[] = [];
      const composed = authority(
        readConfig(configuration),
        { dynamodb: patientClient(engine), secretsManager },
        clock,
      );
      const event = restEvent({ method: 'GET', path: '/v1/whoami', headers: { 'x-api-key': key }, ...sent });
      await Promise.allSettled([authorizer(rest, composed, clock, (line) => lines.push(line))(event)]);
      return lines.find((line) => line['event'] === 'decision') ?? {};
    },
    async keyRows() {
      const { Items = [] } = await engine.client.send(
        new ScanCommand({
          TableName: identity.tableName,
          FilterExpression: 'begins_with(pk, :keys)',
          ExpressionAttributeValues: { ':keys': { S: 'apikey#' } },
        }),
      );
      return Items.map((item) => unmarshall(item));
    },
    async stop() {
      await engine.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** Somebody with an organization, in a browser. */
export interface Person {
  readonly browse: Browser;
  readonly email: string;
  readonly userId: string;
  readonly organizationId: string;
  readonly slug: string;
}

export async function newPerson({ identity }: TestOperations, name: string): Promise<Person> {
  const browse = identity.browser();
  const email = `${name}@example.com`;
  const { body } = await signUp(browse, email);
  const userId = String(Object(Object(body)['user'])['id']);
  const made = await browse('/organization/create', { name, slug: name });
  return { browse, email, userId, organizationId: textOf(made, 'id'), slug: name };
}
