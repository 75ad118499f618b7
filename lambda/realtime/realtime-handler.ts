import { breaker } from '../runtime/breaker.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { facts } from '../store/facts.ts';
import { revocations } from '../store/revocations.ts';
import { identityTable } from '../store/identity-table.ts';
import { connections, managementClient } from './connections.ts';
import { realtime, type Realtime } from './realtime.ts';
import { decideAgain } from './standing.ts';

function compose(): Realtime {
  const config = readConfig();
  const table = identityTable(dynamodbClient(), config.authTable, breaker('store', 'DynamoDB', systemClock));
  return realtime({
    // Cached facts are what makes a connection's rows be read every 15 s at most, however much it sends.
    decideAgain: decideAgain(
      facts(table, config.ttl.facts * 1000, systemClock),
      revocations(table, config.ttl.revocation * 1000, systemClock),
    ),
    connections: connections(
      managementClient(config.websocketManagementUrl),
      breaker('gateway', 'API Gateway', systemClock),
    ),
    clock: systemClock,
    log: stdoutLog,
  });
}

let composed: Realtime | undefined;

/** Composed at its first event: a configuration that cannot be read fails that event, in our own words. */
export const handler: Realtime = async (event) => {
  composed ??= compose();
  return composed(event);
};
