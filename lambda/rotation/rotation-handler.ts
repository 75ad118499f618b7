import { clockSkew } from '../credentials/extension-claims.ts';
import { Fault } from '../core/fault.ts';
import { breaker } from '../runtime/breaker.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig, type Config } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { secretsClient } from '../secrets/secrets-manager.ts';
import { identityTable } from '../store/identity-table.ts';
import { revocations } from '../store/revocations.ts';
import { failedLine } from './failed-line.ts';
import { lifetimes } from './lifetimes.ts';
import { rotation } from './rotation.ts';
import { secretVersions } from './secret-versions.ts';

/** Milliseconds one attempt may take: more than on the decision path, since nobody waits. */
const attempt = { requestTimeout: 2000 };

// One connection for the four steps.
const secretsManager = secretsClient(attempt);
const dynamodb = dynamodbClient(attempt);

/** Secrets Manager asks again for a step that failed, and somebody is told that it did. */
export const handler = async (event: unknown): Promise<void> => {
  try {
    await composed()(event);
  } catch (cause) {
    stdoutLog(failedLine(systemClock()));
    throw cause;
  }
};

/** Composed for each event: four a month, and a bad configuration then fails the step that names it. */
function composed(): (event: unknown) => Promise<void> {
  const config = readConfig();
  const arn = arnOf(config);
  const guard = breaker('store', 'DynamoDB', systemClock);
  const table = identityTable(dynamodb, config.authTable, guard);
  return rotation({
    arn,
    versions: secretVersions(secretsManager, arn),
    isKeyRevoked: revocations(table, 0, systemClock).isKeyRevoked,
    bounds: {
      publishDelay: config.ttl.keyRingPublish,
      oldestRing: config.ttl.keyRing + config.ttl.keyRingStale,
      longestLifetime: lifetimes[config.rotationSecretKind],
      skew: clockSkew,
    },
    clock: systemClock,
    log: stdoutLog,
  });
}

function arnOf(config: Config): string {
  const { rotationSecretKind: kind } = config;
  const secret = kind === 'extension-token' ? config.extensionTokenSecret : config.betterAuthSecret;
  if ('arn' in secret) return secret.arn;
  throw new Fault('configuration', 'A secret in the environment cannot be rotated: set its ARN instead');
}
