import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authority, type MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { authorizer } from '../../lambda/authorizer/authorizer.ts';
import { clockSkew } from '../../lambda/credentials/extension-claims.ts';
import { installationStore } from '../../lambda/extensions/installation-store.ts';
import { lifetimes } from '../../lambda/rotation/lifetimes.ts';
import { rotation } from '../../lambda/rotation/rotation.ts';
import { secretVersions } from '../../lambda/rotation/secret-versions.ts';
import { readConfig, type SecretKind } from '../../lambda/runtime/config.ts';
import { generateKey, parseKeyRing, serializeKeyRing, type RingKey } from '../../lambda/secrets/key-ring.ts';
import { revocations } from '../../lambda/store/revocations.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import type { LambdaRuntime } from '../../local/lambda-runtime.ts';
import { listen } from '../../local/loopback.ts';
import { openSecretStore } from '../../local/secrets/secret-store.ts';
import { secretsManager } from '../../local/secrets/secrets-manager.ts';
import { startOperations, type Person, type TestOperations } from './authctl.ts';
import { restEvent } from './event.ts';
import { identitySecret } from './identity.ts';

const place = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
export const extensionId = 'com.example.mail';

/** Operations on a stack whose secrets are rings in the local Secrets Manager, with the rotation function. */
export interface SecretOperations extends TestOperations {
  /** A process of the authorizer; it keeps what it has read. */
  readonly process: () => MeteredAuthority;
  /** What a process says of these headers: `allow`, or the reason. */
  readonly says: (process: MeteredAuthority, headers: Readonly<Record<string, string>>) => Promise<string>;
  readonly ring: (kind: SecretKind) => readonly RingKey[];
  readonly publish: (kind: SecretKind, keys: readonly RingKey[]) => void;
  readonly labels: (kind: SecretKind) => readonly string[];
  /** Secrets Manager is gone, or back. */
  readonly reach: (reachable: boolean) => Promise<void>;
  readonly mint: (person: Person) => Promise<string>;
  readonly items: () => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

export async function startSecretOperations(): Promise<SecretOperations> {
  const base = await startOperations();
  const { engine, identity, clock, directory } = base;
  const store = openSecretStore(join(directory, 'secrets.json'));
  const arns = { 'extension-token': arn('extension-token'), 'better-auth': arn('better-auth') };
  const listener = await listen({ port: 0, purpose: 'Secrets Manager', programsOnly: true });
  const client = new SecretsManagerClient({ endpoint: `http://127.0.0.1:${listener.port}`, ...place });
  const now = () => clock() / 1000;
  const second = Math.floor(now());
  const signing = { kid: 'session-key', k: identitySecret, signFrom: second - 10 };
  const first: Readonly<Record<SecretKind, readonly RingKey[]>> = {
    'extension-token': [generateKey(second - 10), generateKey(second + 4200)],
    'better-auth': [signing, generateKey(second + 4200)],
  };
  for (const kind of ['extension-token', 'better-auth'] as const) {
    const value = serializeKeyRing({ keys: first[kind] });
    const versions = [{ id: randomUUID(), value, stages: ['AWSCURRENT'], created: now() }];
    const secret = { arn: arns[kind], name: kind, created: now(), changed: now() };
    store.add({ ...secret, versions, rotationFunction: kind });
  }
  const { isKeyRevoked } = revocations(identity.table, 0, clock);
  const runtime: LambdaRuntime = {
    has: () => true,
    invoke: async (name, payload) => {
      const kind = name === 'better-auth' ? name : 'extension-token';
      const bounds = {
        publishDelay: 4200,
        oldestRing: 3900,
        longestLifetime: lifetimes[kind],
        skew: clockSkew,
      };
      const versions = secretVersions(client, arns[kind]);
      try {
        await rotation({ arn: arns[kind], versions, isKeyRevoked, bounds, clock, log: () => {} })(
          JSON.parse(payload),
        );
        return { ok: true, payload: 'null' };
      } catch (cause) {
        return { ok: false, payload: '', errorType: 'Error', errorMessage: String(cause) };
      }
    },
    processes: () => [],
    stop: () => Promise.resolve(),
  };
  listener.serve(secretsManager({ store, runtime, now, onEnd: () => {} }));

  const configuration = {
    STAGE: 'dev',
    BETTER_AUTH_URL: 'http://127.0.0.1:3000',
    AUTH_TABLE_NAME: identity.tableName,
    BETTER_AUTH_SECRET_ARN: arns['better-auth'],
    EXTENSION_TOKEN_SECRET_ARN: arns['extension-token'],
  };
  const reach = (reachable: boolean) =>
    writeFile(
      join(directory, 'stack.json'),
      JSON.stringify({
        ready: true,
        dynamodb: engine.endpoint,
        secretsManager: `http://127.0.0.1:${reachable ? listener.port : 9}`,
        region: 'us-east-1',
        configuration,
      }),
    );
  await reach(true);
  const current = (kind: SecretKind) =>
    store.get(arns[kind]).versions.find(({ stages }) => stages.includes('AWSCURRENT'));
  return {
    ...base,
    reach,
    process: () =>
      authority(readConfig(configuration), { dynamodb: engine.client, secretsManager: () => client }, clock),
    async says(by, headers) {
      const lines: Readonly<Record<string, unknown>>[] = [];
      const event = restEvent({ method: 'GET', path: '/v1/whoami', headers });
      await Promise.allSettled([authorizer(rest, by, clock, (line) => lines.push(line))(event)]);
      const line = lines.find((each) => each['event'] === 'decision') ?? {};
      return String(line['reason'] ?? line['effect']);
    },
    ring: (kind) => parseKeyRing(current(kind)?.value ?? '', current(kind)?.id ?? '')?.keys ?? [],
    publish: (kind, keys) =>
      void store.update(arns[kind], (secret) => ({
        ...secret,
        versions: [
          { id: randomUUID(), value: serializeKeyRing({ keys }), stages: ['AWSCURRENT'], created: now() },
        ],
      })),
    labels: (kind) => store.get(arns[kind]).versions.flatMap(({ stages }) => stages),
    async mint({ email, slug, organizationId }) {
      const installation = {
        extensionId,
        name: 'Mail',
        origins: [],
        scopes: ['records:read'],
        enabled: true,
      };
      const installations = installationStore(engine.client, identity.tableName, (call) => call());
      await installations.put(organizationId, installation, clock());
      const args = ['--user', email, '--organization', slug, '--extension', extensionId];
      const { json } = await base.authctl('tokens', 'mint', ...args);
      return String(json['token']);
    },
    async items() {
      const { Items = [] } = await engine.client.send(new ScanCommand({ TableName: identity.tableName }));
      return Items.map((item) => unmarshall(item));
    },
    async stop() {
      client.destroy();
      await listener.close();
      await base.stop();
    },
  };
}

const arn = (name: string): string => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-abcdef`;

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
