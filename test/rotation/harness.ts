import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { RotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { rotation } from '../../lambda/rotation/rotation.ts';
import { secretVersions } from '../../lambda/rotation/secret-versions.ts';
import { clientSettings } from '../../lambda/runtime/aws-client.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { parseKeyRing, type KeyRing } from '../../lambda/secrets/key-ring.ts';
import { revocationKey } from '../../lambda/store/keys.ts';
import { revocations } from '../../lambda/store/revocations.ts';
import { identityTable } from '../../lambda/store/identity-table.ts';
import { listen } from '../../local/loopback.ts';
import type { LambdaRuntime } from '../../local/lambda-runtime.ts';
import type { Secret } from '../../local/secrets/secret.ts';
import { openSecretStore } from '../../local/secrets/secret-store.ts';
import { secretsManager } from '../../local/secrets/secrets-manager.ts';
import { testClock, type TestClock } from '../support/clock.ts';
import { subjectTo, type Fate } from './fate.ts';
import { bounds } from './ring.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { patientClient } from '../support/patient.ts';

/** Milliseconds that a rotation may take from its first step to its last. */
export const margin = (bounds.publishDelay - bounds.oldestRing) * 1000;

const place = { region: 'us-east-1', credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };

/** The local Secrets Manager and DynamoDB, and the rotation function between them. */
export interface RotationWorld {
  readonly clock: TestClock;
  readonly engine: TestEngine;
  /** Name of the identity table. */
  readonly table: string;
  /** Everything the function has logged and thrown. */
  readonly said: string[];
  /** A new secret with this value. @returns its ARN */
  create(value: string): string;
  secret(arn: string): Secret;
  current(arn: string): KeyRing;
  /** Makes a value current, as an operator does. */
  publish(arn: string, value: string): void;
  /** The function for a secret, as one process. @param lifetime of what is signed, in seconds */
  process(arn: string, fate?: Fate, lifetime?: number): (event: unknown) => Promise<void>;
  /** RotateSecret, to its end. @returns what went wrong, if anything did */
  rotate(arn: string, process?: (event: unknown) => Promise<void>): Promise<string | undefined>;
  /** Starts a rotation that nobody runs. @returns the id of its version */
  begin(arn: string): Promise<string>;
  client(): SecretsManagerClient;
  revoke(kid: string): Promise<void>;
  stop(): Promise<void>;
}

export const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
export const event = (arn: string, version: string, Step: string) => ({
  Step,
  SecretId: arn,
  ClientRequestToken: version,
});

export async function startWorld(clock = testClock()): Promise<RotationWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'rotation-'));
  const store = openSecretStore(join(directory, 'secrets.json'));
  const engine = await startTestEngine();
  const table = await engine.createIdentityTable();
  const listener = await listen({ port: 0, purpose: 'Secrets Manager', programsOnly: true });
  const clients: SecretsManagerClient[] = [];
  const said: string[] = [];
  let run: (event: unknown) => Promise<void> = () => Promise.resolve();
  let ended: (failure?: string) => void = () => {};

  const runtime: LambdaRuntime = {
    has: () => true,
    invoke: async (_, payload) => {
      try {
        await run(JSON.parse(payload));
        return { ok: true, payload: 'null' };
      } catch (cause) {
        said.push(String(cause));
        return { ok: false, payload: '', errorType: 'Error', errorMessage: String(cause) };
      }
    },
    processes: () => [],
    stop: () => Promise.resolve(),
  };
  const now = () => clock() / 1000;
  listener.serve(secretsManager({ store, runtime, now, onEnd: (_, failure) => ended(failure) }));

  const client = (): SecretsManagerClient => {
    const made = new SecretsManagerClient({
      endpoint: `http://127.0.0.1:${listener.port}`,
      ...place,
      maxAttempts: 1,
    });
    clients.push(made);
    return made;
  };

  const down = new DynamoDBClient({ ...clientSettings(), ...place, endpoint: 'http://127.0.0.1:1' });
  const dynamodb = patientClient(engine);
  const revoked = (by: DynamoDBClient) =>
    revocations(identityTable(by, table, breaker('store', 'DynamoDB', clock)), 0, clock);

  const world: RotationWorld = {
    clock,
    engine,
    table,
    said,
    client,
    create: (value) => {
      const name = randomUUID();
      const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-abcdef`;
      const versions = [{ id: randomUUID(), value, stages: ['AWSCURRENT'], created: now() }];
      store.add({ arn, name, created: now(), changed: now(), versions, rotationFunction: 'Rotation' });
      return arn;
    },
    secret: (arn) => store.get(arn),
    current: (arn) => {
      const version = store.get(arn).versions.find(({ stages }) => stages.includes('AWSCURRENT'));
      return parseKeyRing(version?.value ?? '', version?.id ?? '') ?? { keys: [] };
    },
    publish: (arn, value) => void store.update(arn, (secret) => published(secret, value, now())),
    process: (arn, fate = {}, longestLifetime = bounds.longestLifetime) =>
      rotation({
        arn,
        versions: secretVersions(subjectTo(fate, client()), arn),
        isKeyRevoked: revoked(fate.storeDown ? down : dynamodb).isKeyRevoked,
        bounds: { ...bounds, longestLifetime },
        clock,
        log: (line) => said.push(JSON.stringify(line)),
      }),
    rotate: async (arn, process = world.process(arn)) => {
      run = process;
      const end = new Promise<string | undefined>((resolve) => (ended = resolve));
      // An unfinished rotation refuses the request, and is taken up again.
      await client()
        .send(new RotateSecretCommand({ SecretId: arn, ClientRequestToken: randomUUID() }))
        .catch((cause: unknown) => expectUnfinished(cause));
      return end;
    },
    begin: async (arn) => {
      await world.rotate(arn, () => Promise.reject(new Error('not run')));
      return pendingOf(store.get(arn)) ?? '';
    },
    revoke: async (kid) => {
      const item = marshall(revocationKey('kid', kid));
      await engine.client.send(new PutItemCommand({ TableName: table, Item: item }));
    },
    stop: async () => {
      for (const each of [...clients, down]) each.destroy();
      await Promise.all([listener.close(), engine.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return world;
}

/** The version that a rotation works on, unless it is current already. */
export const pendingOf = ({ versions }: Secret): string | undefined =>
  versions.find(({ stages }) => stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT'))?.id;

const published = (secret: Secret, value: string, created: number): Secret => ({
  ...secret,
  versions: [
    ...secret.versions.map((version) => ({
      ...version,
      stages: version.stages.filter((stage) => stage !== 'AWSCURRENT'),
    })),
    { id: randomUUID(), value, stages: ['AWSCURRENT'], created },
  ],
});

function expectUnfinished(cause: unknown): void {
  if (!(cause instanceof Error && /previous rotation/.test(cause.message))) throw cause;
}
