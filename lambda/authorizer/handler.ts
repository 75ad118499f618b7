import { systemClock } from '../runtime/clock.ts';
import { readConfig } from '../runtime/config.ts';
import { dynamodbClient } from '../runtime/dynamodb.ts';
import { stdoutLog } from '../runtime/log.ts';
import { secretsClient } from '../secrets/secrets-manager.ts';
import { rest as restSurface } from '../surfaces/rest.ts';
import type { Surface } from '../surfaces/surface.ts';
import { authority, type MeteredAuthority } from './authority.ts';
import { authorizer, type Authorizer } from './authorizer.ts';

/**
 * The Lambda functions, one export per surface. The rings are loaded during init, where Lambda gives the
 * process its full CPU; a configuration that cannot be read fails every request and says why.
 */
function compose(): MeteredAuthority {
  const secrets = secretsClient();
  const composed = authority(
    readConfig(process.env),
    { dynamodb: dynamodbClient(), secretsManager: () => secrets },
    systemClock,
  );
  void composed.warmUp();
  return composed;
}

let shared: MeteredAuthority | undefined;
const sharedAuthority = (): MeteredAuthority => (shared ??= compose());

function handler<Response>(surface: Surface<Response>): Authorizer<Response> {
  let authorize: Authorizer<Response> | undefined;
  return async (event) => {
    authorize ??= authorizer(surface, sharedAuthority(), systemClock, stdoutLog);
    return authorize(event);
  };
}

export const rest = handler(restSurface);
