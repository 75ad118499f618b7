import { compileOrigins } from '../core/origin.ts';
import { readConfig } from '../runtime/config.ts';
import { stdoutLog } from '../runtime/log.ts';
import { served } from '../http/served.ts';
import { whoamiEndpoint } from './whoami-endpoint.ts';

export const handler = served(() => {
  const config = readConfig();
  return whoamiEndpoint({ trusted: compileOrigins(config.trustedOrigins), log: stdoutLog });
});
