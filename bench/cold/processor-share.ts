import { mkdirSync, rmdirSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A share of one processor, for processes that are started within it. */
export interface ProcessorShare {
  /** Who writes its process id here belongs to it from then on. */
  readonly procs: string;
  /** Ends it. No process may be left in it. */
  readonly end: () => void;
}

/** Microseconds within which a share is used up at the latest, and given anew. */
const period = 20_000;

/**
 * Limits processes to a share of a processor as Linux does for containers (CFS bandwidth control, kernel documentation
 * "CFS Bandwidth Control"), with control groups of version 2 or 1.
 *
 * @param share of one processor; may be above 1
 * @throws when this machine has no control groups, or not for this user
 */
export function processorShare(share: number): ProcessorShare {
  const quota = Math.round(share * period);
  const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const directory = join('/sys/fs/cgroup', isUnified ? '' : 'cpu', `crm-authorizer-bench-${process.pid}`);
  try {
    mkdirSync(directory, { recursive: true });
    if (isUnified) writeFileSync(join(directory, 'cpu.max'), `${quota} ${period}`);
    else {
      writeFileSync(join(directory, 'cpu.cfs_period_us'), String(period));
      writeFileSync(join(directory, 'cpu.cfs_quota_us'), String(quota));
    }
  } catch (cause) {
    throw new Error('A share of a processor needs Linux control groups that this user may write.', { cause });
  }
  return { procs: join(directory, 'cgroup.procs'), end: () => rmdirSync(directory) };
}
