import { awsTarget } from './target-aws.ts';
import { localTarget } from './target-local.ts';
import type { Target, TargetOptions } from './target.ts';

/**
 * The running local stack, unless one of the options says where on AWS.
 *
 * @param directory where the local stack keeps its files
 * @throws {CommandFailure} when there is no such stack, or it cannot be asked
 */
export const openTarget = (options: TargetOptions, directory: string): Promise<Target> =>
  options.profile === undefined && options.region === undefined && options.stack === undefined
    ? localTarget(directory)
    : awsTarget(options);
