import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Authority } from '../core/decide.ts';
import { compileOrigins } from '../core/origin.ts';
import { routeTable } from '../core/route-table.ts';
import { routes } from '../core/routes.ts';
import { authenticateApiKey } from '../credentials/api-key.ts';
import { authenticateExtensionToken } from '../credentials/extension-token.ts';
import { authenticateSession } from '../credentials/session.ts';
import { breaker } from '../runtime/breaker.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config, SecretLocation } from '../runtime/config.ts';
import { rememberedCallers } from './callers.ts';
import { fetchSecret } from '../secrets/secrets-manager.ts';
import { secretSource, type SecretSource } from '../secrets/secret-source.ts';
import { facts } from '../store/facts.ts';
import { identityTable } from '../store/identity-table.ts';
import { revocations } from '../store/revocations.ts';
import { keyUsePreview, keyUses } from '../store/key-use.ts';
import { resolveOrganization } from '../store/tenancy.ts';

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly secretsManager: () => SecretsManagerClient;
}

/** The authority with what its decisions cost, for the decision line. */
export interface MeteredAuthority extends Authority {
  /** Requests to DynamoDB so far. */
  readonly reads: () => number;
  /** Writes sent to DynamoDB so far. */
  readonly writes: () => number;
  readonly cacheHits: () => number;
  readonly cacheMisses: () => number;
  readonly isKeyRingStale: () => boolean;
  /** Loads both rings ahead of the first request. Never rejects: a failure shows when a ring is needed. */
  readonly warmUp: () => Promise<void>;
}

/** `preview`: decides what a use would meet without counting it. Nothing at all is written. */
export type KeyUseMode = 'count' | 'preview';

/** The composition root: the only place where the decision meets AWS. */
export function authority(
  config: Config,
  clients: Clients,
  clock: Clock,
  mode: KeyUseMode = 'count',
): MeteredAuthority {
  const table = identityTable(clients.dynamodb, config.authTable, breaker('store', 'DynamoDB', clock));
  const known = facts(table, config.ttl.facts * 1000, clock);
  const uses =
    mode === 'preview'
      ? keyUsePreview(table)
      : // A breaker of its own: a write that fails says nothing of the reads, which decide.
        keyUses(clients.dynamodb, config.authTable, table, breaker('store', 'DynamoDB', clock), clock);
  const revoked = revocations(table, config.ttl.revocation * 1000, clock);

  const secretsGuard = breaker('secret', 'Secrets Manager', clock);
  const ring = (location: SecretLocation): SecretSource =>
    secretSource(
      fetchSecret(clients.secretsManager, location, secretsGuard),
      { ttl: config.ttl.keyRing * 1000, stale: config.ttl.keyRingStale * 1000 },
      clock,
    );
  const sessionSecret = ring(config.betterAuthSecret);
  const tokenSecret = ring(config.extensionTokenSecret);
  const callers = rememberedCallers({ session: sessionSecret, extension_token: tokenSecret });
  const tallies = [callers, ...known.caches];
  const prefix = config.secureCookies ? '__Secure-' : '';
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);

  return {
    cookieNames: { token: `${prefix}better-auth-session`, data: `${prefix}better-auth.session_data` },
    table: routeTable(routes),
    trusted: compileOrigins(config.trustedOrigins),
    authenticate: {
      api_key: authenticateApiKey(known, uses, config.stage === 'production' ? 'live' : 'test'),
      session: authenticateSession(known, sessionSecret),
      extension_token: authenticateExtensionToken(known, tokenSecret, {
        issuer: config.issuer,
        acceptLegacy: config.legacyExtensionTokens,
      }),
    },
    refuseRevoked: revoked.refusePrincipal,
    resolveOrganization: resolveOrganization(known, revoked),
    callers,
    reads: table.reads,
    writes: uses.writes,
    cacheHits: () => sum(tallies.map((each) => each.hits())),
    cacheMisses: () => sum(tallies.map((each) => each.misses())),
    isKeyRingStale: () => sessionSecret.isStale() || tokenSecret.isStale(),
    async warmUp() {
      await Promise.allSettled([sessionSecret.ring(), tokenSecret.ring()]);
    },
  };
}
