import { randomUUID } from 'node:crypto';
import { unkept } from '../../lambda/core/lease.ts';
import type { AuthContext } from '../../lambda/context/auth-context.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { authenticateExtensionToken } from '../../lambda/credentials/extension-token.ts';
import { installationStore, type InstallationStore } from '../../lambda/extensions/installation-store.ts';
import { mintLimit } from '../../lambda/extensions/mint-limit.ts';
import { tokenIssuerEndpoint } from '../../lambda/extensions/issuer-endpoint.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { generateKey, serializeKeyRing, type KeyRing } from '../../lambda/secrets/key-ring.ts';
import { signer } from '../../lambda/secrets/signer.ts';
import { secretSource, type SecretSource } from '../../lambda/secrets/secret-source.ts';
import { facts } from '../../lambda/store/facts.ts';
import { identityTable, type IdentityTable } from '../../lambda/store/identity-table.ts';
import { call, callerContext, type Reply } from './endpoint-call.ts';
import { startTestEngine, type TestEngine } from './engine.ts';

export const issuer = 'https://crm.example.com';
export const extensionId = 'com.example.mail-merge';

/** When every test begins: epoch milliseconds. */
export const start = Date.UTC(2030, 0, 1);

/** A ring in the middle of its life: an older key, the one that signs, and one that waits. */
export const signing = generateKey(start / 1000 - 60);
export const waiting = generateKey(start / 1000 + 60);
export const ring: KeyRing = { keys: [generateKey(start / 1000 - 7200), signing, waiting] };

export interface Asked {
  readonly body?: unknown;
  readonly context: AuthContext;
  readonly extension?: string;
  /** @default ring */
  readonly keys?: KeyRing;
  /** What the secret holds. @default the keys */
  readonly secret?: string;
  /** Epoch milliseconds. @default start */
  readonly now?: number;
}

/** The token issuer and the authenticator of its tokens, on one real engine. */
export interface TestIssuer {
  readonly engine: TestEngine;
  readonly tableName: string;
  readonly installations: InstallationStore;
  /** What the issuer logged. */
  readonly lines: unknown[];
  ask(asked: Asked): Promise<Reply>;
  verify(
    token: string,
    keys?: KeyRing,
    as?: string,
  ): ReturnType<ReturnType<typeof authenticateExtensionToken>>;
}

const sourceOf = (value: string): SecretSource =>
  secretSource(
    async () => ({ value, versionId: 'v1' }),
    { ttl: 300_000, stale: 3_600_000 },
    () => start,
  );

export async function startIssuer(): Promise<TestIssuer> {
  const engine = await startTestEngine();
  const tableName = await engine.createIdentityTable();
  const guard = breaker('store', 'DynamoDB', () => 0);
  const lines: unknown[] = [];
  const table = (): IdentityTable => identityTable(engine.client, tableName, guard);
  return {
    engine,
    tableName,
    installations: installationStore(engine.client, tableName, guard),
    lines,
    ask: ({
      body,
      context,
      extension = extensionId,
      keys = ring,
      secret = serializeKeyRing(keys),
      now = start,
    }) => {
      const endpoint = tokenIssuerEndpoint({
        table: table(),
        countMint: mintLimit(engine.client, tableName, guard),
        sign: signer(
          sourceOf(secret),
          async () => false,
          () => now,
        ),
        issuer,
        clock: () => now,
        trusted: compileOrigins([issuer]),
        log: (line) => lines.push(line),
      });
      const route = '/v1/extensions/{extensionId}/token';
      return call(endpoint, { method: 'POST', route, parameters: { extensionId: extension }, body, context });
    },
    verify: (token, keys = ring, as = issuer) =>
      authenticateExtensionToken(
        facts(table(), 0, () => start),
        sourceOf(serializeKeyRing(keys)),
        {
          issuer: as,
          acceptLegacy: false,
        },
      )({ kind: 'extension_token', token }, start, unkept),
  };
}

export const granted = ['actions:invoke', 'records:read', 'records:write:contact'];

/** A member of an organization no other test has, in which the extension is installed. */
export async function withInstallation({ installations }: TestIssuer): Promise<AuthContext> {
  const member = callerContext({ organizationId: `org-${randomUUID()}` });
  await install(installations, member);
  return member;
}

export const install = (
  installations: InstallationStore,
  { organizationId }: AuthContext,
  changes: { readonly scopes?: readonly string[]; readonly enabled?: boolean } = {},
): Promise<void> =>
  installations.put(
    organizationId,
    { extensionId, name: 'Mail merge', origins: [], scopes: granted, enabled: true, ...changes },
    start,
  );

export interface Minted {
  readonly token: string;
  readonly expiresAt: number;
  readonly scopes: readonly string[];
}

const isMinted = (body: unknown): body is Minted =>
  typeof body === 'object' && body !== null && 'token' in body;

/** A token that was asked for and given. */
export async function minted(by: TestIssuer, asked: Asked): Promise<Minted> {
  const { status, body } = await by.ask(asked);
  if (status !== 201 || !isMinted(body)) throw new Error(`no token: ${status} ${JSON.stringify(body)}`);
  return body;
}
