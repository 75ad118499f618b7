import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import { parseKeyRing, signingKey, type KeyRing, type RingKey } from '../../../lambda/secrets/key-ring.ts';
import type { LocalStack } from '../../../local/stack.ts';

/** The two secrets of a stack. */
export interface Rings {
  readonly current: (kind: SecretKind) => Promise<KeyRing>;
  /** Every key that was ever seen in it, revoked ones too. */
  readonly known: (kind: SecretKind) => readonly RingKey[];
  readonly signer: (kind: SecretKind) => Promise<RingKey>;
  /** RotateSecret, to its end. @returns what went wrong, if anything did */
  readonly rotate: (kind: SecretKind) => Promise<string | undefined>;
  /** Tells of a rotation that ended: the stack's progress lines. */
  readonly hear: (line: string) => void;
  readonly stop: () => void;
}

/** @param stack as soon as it is there: rotations are heard of through its progress */
export function rings(stack: () => LocalStack): Rings {
  let client: SecretsManagerClient | undefined;
  const known: Readonly<Record<SecretKind, Map<string, RingKey>>> = {
    'extension-token': new Map(),
    'better-auth': new Map(),
  };
  const ended = new Map<string, (failure?: string) => void>();
  const open = (): SecretsManagerClient => {
    const { secretsManager: endpoint, region } = stack().urls;
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    client ??= new SecretsManagerClient({ endpoint, region, credentials });
    return client;
  };
  const arnOf = (kind: SecretKind): string => {
    const { extensionToken, betterAuth } = stack().urls.secrets;
    return (kind === 'extension-token' ? extensionToken : betterAuth) ?? '';
  };
  const current = async (kind: SecretKind): Promise<KeyRing> => {
    const command = new GetSecretValueCommand({ SecretId: arnOf(kind) });
    const { SecretString = '', VersionId = '' } = await open().send(command);
    const ring = parseKeyRing(SecretString, VersionId) ?? { keys: [] };
    for (const key of ring.keys) known[kind].set(key.kid, key);
    return ring;
  };
  return {
    current,
    known: (kind) => [...known[kind].values()],
    async signer(kind) {
      const key = signingKey(await current(kind), Date.now());
      if (!key) throw new Error(`no key of ${kind} signs`);
      return key;
    },
    async rotate(kind) {
      const end = new Promise<string | undefined>((resolve) => ended.set(arnOf(kind), resolve));
      const request = { SecretId: arnOf(kind), ClientRequestToken: randomUUID() };
      // An unfinished rotation refuses the request, and is taken up again.
      await open()
        .send(new RotateSecretCommand(request))
        .catch((cause: unknown) => {
          if (!/previous rotation/.test(String(cause))) throw cause;
        });
      return Promise.race([end, setTimeout(60_000, 'not done in a minute', { ref: false })]);
    },
    hear(line) {
      const [, arn = '', how = ''] = /^rotation of (\S+): (.*)$/.exec(line) ?? [];
      ended.get(arn)?.(how === 'done' ? undefined : how);
    },
    stop: () => client?.destroy(),
  };
}
