import { systemClock } from '../runtime/clock.ts';
import { breaker } from '../runtime/breaker.ts';
import { readConfig } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { fetchSecret, secretsClient } from '../secrets/secrets-manager.ts';
import { secretSource } from '../secrets/secret-source.ts';
import { facts } from '../store/facts.ts';
import { noteOrganization } from '../store/key-organization.ts';
import { signer } from '../secrets/signer.ts';
import { staleLine } from '../secrets/stale-line.ts';
import { revocations } from '../store/revocations.ts';
import { identityTable } from '../store/identity-table.ts';
import { dynamodbAdapter } from './adapter/index.ts';
import { identityEndpoint } from './endpoint.ts';
import { identity } from './identity.ts';
import { removeInstallations } from './installations.ts';
import { identityLayout } from './layout.ts';
import { liveSession } from './live-session.ts';

/** The Lambda function behind `/api/auth/*`. */
const config = readConfig();
const client = dynamodbClient({ requestTimeout: 2000 });
const secrets = secretsClient();
const table = identityTable(client, config.authTable, breaker('store', 'DynamoDB', systemClock));
const secret = secretSource(
  fetchSecret(() => secrets, config.betterAuthSecret, breaker('secret', 'Secrets Manager', systemClock)),
  { ttl: config.ttl.keyRing * 1000, stale: config.ttl.keyRingStale * 1000 },
  systemClock,
  () => stdoutLog(staleLine('better-auth', systemClock())),
);
const revocationTtl = config.ttl.revocation * 1000;
const revoked = revocations(table, revocationTtl, systemClock);
const database = dynamodbAdapter({ client, tableName: config.authTable, layout: identityLayout });

export const handler = identityEndpoint(
  identity(
    {
      config,
      database,
      facts: facts(table, 0, systemClock),
      removeInstallations: removeInstallations(client, config.authTable, table),
      noteOrganization: noteOrganization(client, config.authTable),
    },
    signer(secret, revoked.isKeyRevoked, systemClock),
  ),
  liveSession(table, revoked, revocationTtl, systemClock),
  config,
  systemClock,
  stdoutLog,
);
