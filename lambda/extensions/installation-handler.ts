import { compileOrigins } from '../core/origin.ts';
import { served } from '../http/served.ts';
import { breaker } from '../runtime/breaker.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { installationEndpoint } from './installation-endpoint.ts';
import { installationStore } from './installation-store.ts';

export const handler = served(() => {
  const config = readConfig();
  return installationEndpoint({
    store: installationStore(dynamodbClient(), config.authTable, breaker('store', 'DynamoDB', systemClock)),
    clock: systemClock,
    trusted: compileOrigins(config.trustedOrigins),
    log: stdoutLog,
  });
});
