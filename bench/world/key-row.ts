import { digest } from '../../lambda/store/keys.ts';
import { randomId } from './credentials.ts';
import type { Item } from './items.ts';

/** As Better Auth writes it. Just used, so that no use has to be noted while it is measured. */
export function keyRow(key: string, userId: string, hash = digest(key)): Item {
  const now = new Date(Date.now() + 3_600_000).toISOString();
  return {
    pk: `apikey#${hash}`,
    sk: '#',
    id: randomId(),
    configId: 'default',
    name: 'bench',
    start: key.slice(0, 13),
    referenceId: userId,
    key: hash,
    enabled: true,
    rateLimitEnabled: false,
    requestCount: 0,
    lastRequest: now,
    createdAt: now,
    updatedAt: now,
  };
}
