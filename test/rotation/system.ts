import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { authority } from '../../lambda/authorizer/authority.ts';
import { authorizer } from '../../lambda/authorizer/authorizer.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { installationStore } from '../../lambda/extensions/installation-store.ts';
import { tokenIssuerEndpoint } from '../../lambda/extensions/issuer-endpoint.ts';
import { mintLimit } from '../../lambda/extensions/mint-limit.ts';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { identityEndpoint } from '../../lambda/identity/endpoint.ts';
import { identity } from '../../lambda/identity/identity.ts';
import { removeInstallations } from '../../lambda/identity/installations.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { liveSession } from '../../lambda/identity/live-session.ts';
import { lifetimes } from '../../lambda/rotation/lifetimes.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { readConfig, type SecretKind, type SecretLocation } from '../../lambda/runtime/config.ts';
import { generateKey, serializeKeyRing } from '../../lambda/secrets/key-ring.ts';
import { secretSource } from '../../lambda/secrets/secret-source.ts';
import { fetchSecret } from '../../lambda/secrets/secrets-manager.ts';
import { signer, type Signing } from '../../lambda/secrets/signer.ts';
import { facts } from '../../lambda/store/facts.ts';
import { identityTable } from '../../lambda/store/identity-table.ts';
import { revocations } from '../../lambda/store/revocations.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { testClock } from '../support/clock.ts';
import { call, callerContext, type Reply } from '../support/endpoint-call.ts';
import { restEvent } from '../support/event.ts';
import { patientClient } from '../support/patient.ts';
import { startWorld, type RotationWorld } from './harness.ts';

export const issuer = 'http://127.0.0.1:3000';
export const extensionId = 'com.example.mail-merge';
type Headers = Readonly<Record<string, string>>;
type Line = Readonly<Record<string, unknown>>;

/** Whether a process reaches Secrets Manager, and how often it asked. */
export interface Reach {
  isReachable: boolean;
  asked: number;
}

export interface AuthorizerProcess extends Reach {
  /** What it says of a request: `allow`, `fault`, or the reason; the last line it wrote. */
  readonly says: (headers: Headers) => Promise<string>;
  readonly lines: Line[];
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly cookies: readonly string[];
}

export interface IdentityProcess extends Reach {
  readonly ask: (path: string, cookie?: string, body?: object) => Promise<Answered>;
}

export interface IssuerProcess extends Reach {
  readonly mint: (userId: string, organizationId: string, ttlSeconds?: number) => Promise<Reply>;
}

/** Everything that signs and verifies, as deployed, with production's bounds, on one clock. */
export interface System {
  readonly world: RotationWorld;
  readonly arns: Readonly<Record<SecretKind, string>>;
  readonly authorizer: () => AuthorizerProcess;
  readonly identity: () => IdentityProcess;
  readonly issuer: () => IssuerProcess;
  readonly rotate: (kind: SecretKind) => Promise<string | undefined>;
  readonly install: (organizationId: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startSystem(): Promise<System> {
  // Better Auth has no clock but the machine's.
  const clock = testClock(Date.now());
  const world = await startWorld(clock);
  const { engine, table: tableName } = world;
  const dynamodb = patientClient(engine);
  const ring = () => serializeKeyRing({ keys: [generateKey(Math.floor(clock() / 1000) - 10)] });
  const arns = { 'extension-token': world.create(ring()), 'better-auth': world.create(ring()) };
  const config = readConfig({
    STAGE: 'dev',
    BETTER_AUTH_URL: issuer,
    AUTH_TABLE_NAME: tableName,
    EXTENSION_TOKEN_SECRET_ARN: arns['extension-token'],
    BETTER_AUTH_SECRET_ARN: arns['better-auth'],
  });
  const ttl = config.ttl.revocation * 1000;
  const table = identityTable(dynamodb, tableName, breaker('store', 'DynamoDB', clock));

  const reach = (): readonly [Reach, () => SecretsManagerClient] => {
    const client = patient(world.client());
    const state: Reach = { isReachable: true, asked: 0 };
    client.middlewareStack.add(
      (next) => (input) => {
        state.asked += 1;
        return state.isReachable ? next(input) : Promise.reject(new Error('unreachable'));
      },
      { step: 'initialize' },
    );
    return [state, () => client];
  };
  const signing = (
    location: SecretLocation,
    client: () => SecretsManagerClient,
  ): (() => Promise<Signing>) => {
    const fetch = fetchSecret(client, location, breaker('secret', 'Secrets Manager', clock));
    const { keyRing, keyRingStale } = config.ttl;
    const source = secretSource(fetch, { ttl: keyRing * 1000, stale: keyRingStale * 1000 }, clock);
    return signer(source, revocations(table, ttl, clock).isKeyRevoked, clock);
  };

  return {
    world,
    arns,
    authorizer() {
      const [state, secretsManager] = reach();
      const lines: Line[] = [];
      const composed = authority(config, { dynamodb, secretsManager }, clock);
      const serve = authorizer(rest, composed, clock, (line) => lines.push(line));
      const says = async (headers: Headers): Promise<string> => {
        await Promise.allSettled([serve(restEvent({ method: 'GET', path: '/v1/whoami', headers }))]);
        return String(lines.at(-1)?.['reason'] ?? lines.at(-1)?.['effect']);
      };
      return Object.assign(state, { says, lines });
    },
    identity() {
      const [state, client] = reach();
      const parts = {
        config,
        database: dynamodbAdapter({ client: dynamodb, tableName, layout: identityLayout }),
        facts: facts(table, 0, clock),
        removeInstallations: removeInstallations(dynamodb, tableName, table),
      };
      const serve = identityEndpoint(
        identity(parts, signing(config.betterAuthSecret, client)),
        liveSession(table, revocations(table, ttl, clock), ttl, clock),
        config,
        clock,
        () => undefined,
      );
      const ask: IdentityProcess['ask'] = async (path, cookie = '', body) => {
        const answer = await serve({
          httpMethod: body ? 'POST' : 'GET',
          path: `/api/auth${path}`,
          headers: { ...(cookie && { cookie }), origin: issuer, 'content-type': 'application/json' },
          body: body ? JSON.stringify(body) : null,
          requestContext: { requestId: 'r', identity: { sourceIp: '192.0.2.1' } },
        });
        const cookies = answer.multiValueHeaders['set-cookie'] ?? [];
        return { status: answer.statusCode, body: JSON.parse(answer.body || 'null'), cookies };
      };
      return Object.assign(state, { ask });
    },
    issuer() {
      const [state, client] = reach();
      const endpoint = tokenIssuerEndpoint({
        table,
        countMint: mintLimit(dynamodb, tableName, breaker('store', 'DynamoDB', clock)),
        sign: signing(config.extensionTokenSecret, client),
        issuer,
        clock,
        trusted: compileOrigins([issuer]),
        log: () => undefined,
      });
      const route = '/v1/extensions/{extensionId}/token';
      const mint: IssuerProcess['mint'] = (userId, organizationId, ttlSeconds = 3600) =>
        call(endpoint, {
          method: 'POST',
          route,
          parameters: { extensionId },
          body: { ttlSeconds },
          context: callerContext({ userId, organizationId }),
        });
      return Object.assign(state, { mint });
    },
    rotate: (kind) => world.rotate(arns[kind], world.process(arns[kind], {}, lifetimes[kind])),
    install: (organizationId) =>
      installationStore(dynamodb, tableName, (work) => work()).put(
        organizationId,
        { extensionId, name: 'Mail', origins: [], scopes: ['records:read'], enabled: true },
        clock(),
      ),
    stop: () => world.stop(),
  };
}

/** As `patientClient`: what is tested here are the answers. */
function patient(client: SecretsManagerClient): SecretsManagerClient {
  const send = client.send.bind(client);
  const patiently = (command: Parameters<typeof send>[0]) => send(command);
  return Object.assign(client, { send: patiently });
}
