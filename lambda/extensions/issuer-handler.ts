import { compileOrigins } from '../core/origin.ts';
import { served } from '../http/served.ts';
import { breaker } from '../runtime/breaker.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { secretSource } from '../secrets/secret-source.ts';
import { fetchSecret, secretsClient } from '../secrets/secrets-manager.ts';
import { signer } from '../secrets/signer.ts';
import { staleLine } from '../secrets/stale-line.ts';
import { revocations } from '../store/revocations.ts';
import { identityTable } from '../store/identity-table.ts';
import { mintLimit } from './mint-limit.ts';
import { tokenIssuerEndpoint } from './issuer-endpoint.ts';

export const handler = served(() => {
  const config = readConfig();
  const guard = breaker('store', 'DynamoDB', systemClock);
  const secrets = secretsClient();
  const secretsGuard = breaker('secret', 'Secrets Manager', systemClock);
  const client = dynamodbClient();
  const table = identityTable(client, config.authTable, guard);
  const { isKeyRevoked } = revocations(table, config.ttl.revocation * 1000, systemClock);
  const secret = secretSource(
    fetchSecret(() => secrets, config.extensionTokenSecret, secretsGuard),
    { ttl: config.ttl.keyRing * 1000, stale: config.ttl.keyRingStale * 1000 },
    systemClock,
    () => stdoutLog(staleLine('extension-token', systemClock())),
  );
  return tokenIssuerEndpoint({
    table,
    countMint: mintLimit(client, config.authTable, guard),
    sign: signer(secret, isKeyRevoked, systemClock),
    issuer: config.issuer,
    clock: systemClock,
    trusted: compileOrigins(config.trustedOrigins),
    log: stdoutLog,
  });
});
