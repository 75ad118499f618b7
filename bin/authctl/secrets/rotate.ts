import { InvalidRequestException, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { CommandFailure } from '../failure.ts';
import type { Output } from '../output.ts';
import { asked, currentRing, stagesOf, type Secret } from './secret.ts';

/** Milliseconds between two looks. */
const interval = 500;

export interface RotatedSecret {
  readonly secret: Secret['kind'];
  /** The version that is current now. */
  readonly version: string;
  /** The key that signs once every reader has seen it. */
  readonly next: { readonly kid: string; readonly signFrom: string };
}

/**
 * Rotates, and waits until the new version is current. A rotation that somebody left unfinished is taken up again
 * first; one that can never finish withdraws itself, and a new one begins.
 *
 * @param patience milliseconds to wait in all
 * @throws {CommandFailure} `failed` when it was withdrawn, or is not done in time
 */
export async function rotateSecret(
  secret: Secret,
  patience: number,
  progress: Output['progress'],
): Promise<RotatedSecret> {
  const looks = Math.max(1, Math.ceil(patience / interval));
  const begun = await begin(secret, progress);
  let fate = await watch(secret, begun.version, looks, progress);
  if (fate === 'withdrawn' && begun.unfinished) {
    progress('The unfinished rotation was withdrawn: starting anew.');
    fate = await watch(secret, (await begin(secret, progress)).version, looks, progress);
  }
  if (fate !== 'current')
    throw new CommandFailure(
      'failed',
      fate === 'withdrawn'
        ? "The rotation withdrew its version: the rotation function's log says why. Rotate again."
        : "The rotation is not done in time: the rotation function's log says why. Nothing has changed so far; " +
            'repeating takes it up again.',
    );
  const { version, ring } = await currentRing(secret);
  const [last] = ring.keys.slice(-1);
  const signFrom = new Date((last?.signFrom ?? 0) * 1000).toISOString();
  return { secret: secret.kind, version, next: { kid: last?.kid ?? '', signFrom } };
}

interface Begun {
  readonly version: string;
  /** It was begun before. */
  readonly unfinished: boolean;
}

async function begin(secret: Secret, progress: Output['progress']): Promise<Begun> {
  const version = randomUUID();
  progress(`Rotating ${secret.kind}.`);
  const started = await asked(secret, async () => {
    try {
      await secret.client.send(
        new RotateSecretCommand({ SecretId: secret.arn, ClientRequestToken: version }),
      );
      return true;
    } catch (cause) {
      if (cause instanceof InvalidRequestException) return false;
      throw cause;
    }
  });
  if (started) return { version, unfinished: false };
  const unfinished = [...(await stagesOf(secret))].find(([, stages]) => isPending(stages));
  if (!unfinished)
    throw new CommandFailure(
      'failed',
      'Secrets Manager refuses to rotate: has the secret a rotation function?',
    );
  progress('A rotation from before is not finished: it is taken up again.');
  return { version: unfinished[0], unfinished: true };
}

const isPending = (stages: readonly string[]): boolean =>
  stages.includes('AWSPENDING') && !stages.includes('AWSCURRENT');

async function watch(
  secret: Secret,
  version: string,
  looks: number,
  progress: Output['progress'],
): Promise<'current' | 'withdrawn' | 'unfinished'> {
  for (let look = 0; look < looks; look += 1) {
    if (look > 0) await setTimeout(interval);
    const stages = (await stagesOf(secret)).get(version) ?? [];
    if (stages.includes('AWSCURRENT')) return 'current';
    if (!isPending(stages)) return 'withdrawn';
    if (look % 10 === 1) progress('Waiting for the rotation function.');
  }
  return 'unfinished';
}
