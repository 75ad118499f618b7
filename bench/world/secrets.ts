import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { createRuntime } from '../../local/lambda-runtime.ts';
import { listen } from '../../local/loopback.ts';
import { openSecretStore } from '../../local/secrets/secret-store.ts';
import { CURRENT } from '../../local/secrets/secret.ts';
import { secretsManager } from '../../local/secrets/secrets-manager.ts';
import { region } from './place.ts';

export interface Secrets {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** The local stack's Secrets Manager, holding these texts by name. */
export async function startSecrets(values: Readonly<Record<string, string>>): Promise<Secrets> {
  const directory = await mkdtemp(join(tmpdir(), 'crm-authorizer-bench-'));
  const store = openSecretStore(join(directory, 'secrets.json'));
  const now = Date.now() / 1000;
  for (const [name, value] of Object.entries(values)) {
    const arn = `arn:aws:secretsmanager:${region}:123456789012:secret:${name}-AbCdEf`;
    const versions = [{ id: randomUUID(), value, stages: [CURRENT], created: now }];
    store.add({ arn, name, created: now, changed: now, versions });
  }
  const listener = await listen({ port: 0, purpose: 'Secrets Manager', programsOnly: true });
  const runtime = createRuntime([], { region, concurrency: 1, environment: {}, onLine: () => {} });
  listener.serve(secretsManager({ store, runtime, now: () => Date.now() / 1000, onEnd: () => {} }));
  return {
    endpoint: `http://127.0.0.1:${listener.port}`,
    stop: async () => {
      await listener.close();
      await rm(directory, { recursive: true });
    },
  };
}
