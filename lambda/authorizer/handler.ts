import { Fault } from '../core/fault.ts';
import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { secretsClient } from '../secrets/secrets-manager.ts';
import * as surfaces from '../surfaces/index.ts';
import type { Surface } from '../surfaces/surface.ts';
import { authority, type MeteredAuthority } from './authority.ts';
import { authorizer, faulty, type Authorizer } from './authorizer.ts';

/**
 * The Lambda functions, one export per surface, all on one authority. It is composed and its rings are loaded
 * during init, where Lambda gives the process its full CPU. A configuration that cannot be read fails every
 * request, each of which says why in the log.
 */
function compose(): MeteredAuthority {
  const secrets = secretsClient();
  const composed = authority(
    readConfig(),
    { dynamodb: dynamodbClient(), secretsManager: () => secrets },
    systemClock,
  );
  void composed.warmUp();
  return composed;
}

function attempt(): MeteredAuthority | Fault {
  try {
    return compose();
  } catch (cause) {
    return cause instanceof Fault ? cause : new Fault('configuration', 'The authorizer cannot start');
  }
}

const composed = attempt();

const handler = <Response>(surface: Surface<Response>): Authorizer<Response> =>
  composed instanceof Fault
    ? faulty(surface, composed, systemClock, stdoutLog)
    : authorizer(surface, composed, systemClock, stdoutLog);

export const rest = handler(surfaces.rest);
export const restToken = handler(surfaces.restToken);
export const http = handler(surfaces.http);
export const httpIam = handler(surfaces.httpIam);
export const httpV1 = handler(surfaces.httpV1);
export const websocket = handler(surfaces.websocket);
