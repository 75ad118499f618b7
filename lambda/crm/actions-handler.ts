import { compileOrigins } from '../core/origin.ts';
import { breaker } from '../runtime/breaker.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { actionsEndpoint } from './actions-endpoint.ts';
import { recordsStore } from './records-store.ts';
import { served } from '../http/served.ts';

export const handler = served(() => {
  const config = readConfig();
  return actionsEndpoint({
    store: recordsStore(dynamodbClient(), config.recordsTable, breaker('store', 'DynamoDB', systemClock)),
    trusted: compileOrigins(config.trustedOrigins),
    log: stdoutLog,
  });
});
