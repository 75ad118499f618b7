import { compileOrigins } from '../core/origin.ts';
import { readConfig } from '../runtime/config.ts';
import { stdoutLog } from '../runtime/log.ts';
import { preflight } from './preflight.ts';
import { served } from '../http/served.ts';

export const handler = served(() => preflight(compileOrigins(readConfig().trustedOrigins), stdoutLog));
