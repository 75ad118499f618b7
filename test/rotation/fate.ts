import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** What goes wrong for a process. */
export interface Fate {
  /** It ends around one of its calls. */
  readonly kill?: Kill;
  /** Nobody listens where DynamoDB should be. */
  readonly storeDown?: boolean;
  /** Happens once Secrets Manager has done a call of it, before it hears of that. */
  readonly after?: (operation: string) => unknown;
}

export interface Kill {
  /** Number of the call, from 1. */
  readonly call: number;
  /** Has Secrets Manager done it, or not even heard of it? */
  readonly when: 'before' | 'after';
}

/** From the fatal call on, nothing this client is asked to do reaches anybody. */
export function subjectTo(
  { kill, after = () => {} }: Fate,
  client: SecretsManagerClient,
): SecretsManagerClient {
  let calls = 0;
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (input) => {
        calls += 1;
        const dead = kill && (kill.when === 'before' ? calls >= kill.call : calls > kill.call);
        if (dead) throw new Error('killed');
        const output = await next(input);
        await after(commandName);
        if (kill && calls >= kill.call) throw new Error('killed');
        return output;
      },
    { step: 'initialize' },
  );
  return client;
}
