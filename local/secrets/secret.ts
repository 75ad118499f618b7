import { SecretError } from './secret-error.ts';

export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
export const PREVIOUS = 'AWSPREVIOUS';

/** One value of a secret. A rotation may make a version before it has a value. */
export interface Version {
  readonly id: string;
  readonly value?: string;
  /** Staging labels. A version without any is deprecated and may go. */
  readonly stages: readonly string[];
  /** Epoch seconds, with a fraction. */
  readonly created: number;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly created: number;
  readonly changed: number;
  readonly rotated?: number;
  /** Name or ARN of the rotation function. */
  readonly rotationFunction?: string;
  readonly rotationRules?: Readonly<Record<string, unknown>>;
  readonly versions: readonly Version[];
}

/** Versions without a label that are kept: AWS deletes them some day, once there are about 100. */
const DEPRECATED_KEPT = 100;

/** The version meant by an id, a stage, both (then they must agree) or neither (the current one). */
export function findVersion(secret: Secret, id: string | undefined, stage: string | undefined): Version {
  const wanted = stage ?? (id === undefined ? CURRENT : undefined);
  const found = secret.versions.find(
    (version) =>
      (id === undefined || version.id === id) && (wanted === undefined || version.stages.includes(wanted)),
  );
  if (found) return found;
  if (id !== undefined && stage !== undefined && secret.versions.some((version) => version.id === id)) {
    throw new SecretError(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  const what = id === undefined ? `staging label: ${wanted}` : `VersionId: ${id}`;
  throw new SecretError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${what}`,
  );
}

/**
 * Stores a value as a version. The same id with the same value once more changes nothing, so a retry is
 * safe; with another value it is refused: a version never changes once it has a value.
 */
export function putVersion(
  secret: Secret,
  id: string,
  value: string,
  stages: readonly string[],
  now: number,
): Secret {
  const existing = secret.versions.find((version) => version.id === id);
  if (existing?.value === value) return secret;
  if (existing?.value !== undefined) {
    throw new SecretError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const version: Version = { id, value, stages: existing?.stages ?? [], created: existing?.created ?? now };
  const added: Secret = {
    ...secret,
    changed: now,
    versions: [...secret.versions.filter((other) => other.id !== id), version],
  };
  // The first value of a secret is its current one, whatever was asked for.
  const wanted = secret.versions.some((other) => other.stages.includes(CURRENT))
    ? stages
    : [CURRENT, ...stages];
  return wanted.reduce((result, stage) => moveStage(result, stage, id, now), added);
}

/** Makes an empty version that waits for the rotation function to give it a value. */
export const addPending = (secret: Secret, id: string, now: number): Secret => ({
  ...secret,
  versions: [
    ...secret.versions.map((version) => without(version, PENDING)),
    { id, stages: [PENDING], created: now },
  ],
});

/** Puts a staging label on one version and off all others. AWSCURRENT leaves AWSPREVIOUS where it was. */
export function moveStage(secret: Secret, stage: string, to: string | undefined, now: number): Secret {
  const from = secret.versions.find((version) => version.stages.includes(stage));
  if (from?.id === to) return secret;
  const moved = secret.versions.map((version) =>
    version.id === to
      ? { ...version, stages: [...new Set([...version.stages, stage])] }
      : without(version, stage),
  );
  const next: Secret = { ...secret, changed: now, versions: moved };
  const labelled = stage === CURRENT && from ? moveStage(next, PREVIOUS, from.id, now) : next;
  return { ...labelled, versions: keepRecent(labelled.versions) };
}

/** UpdateSecretVersionStage: the caller must say from where a label is taken, so nobody moves it unseen. */
export function updateStage(
  secret: Secret,
  { stage, to, from }: { stage: string; to: string | undefined; from: string | undefined },
  now: number,
): Secret {
  const holder = secret.versions.find((version) => version.stages.includes(stage));
  for (const id of [to, from]) if (id !== undefined) findVersion(secret, id, undefined);
  if (to === undefined && stage === CURRENT) {
    throw invalid(
      'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
    );
  }
  if (holder && holder.id !== to && holder.id !== from) {
    throw invalid(
      `The parameter RemoveFromVersionId can't be ${from ?? 'empty'}. Staging label ${stage} is currently attached to ` +
        `version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (from !== undefined && holder?.id !== from)
    throw invalid(`Staging label ${stage} is not attached to version ${from}.`);
  return moveStage(secret, stage, to, now);
}

const without = (version: Version, stage: string): Version =>
  version.stages.includes(stage)
    ? { ...version, stages: version.stages.filter((each) => each !== stage) }
    : version;

function keepRecent(versions: readonly Version[]): readonly Version[] {
  const deprecated = versions.filter(({ stages }) => stages.length === 0);
  const gone = new Set(deprecated.slice(0, Math.max(0, deprecated.length - DEPRECATED_KEPT)));
  return versions.filter((version) => !gone.has(version));
}

const invalid = (message: string): SecretError => new SecretError('InvalidParameterException', message);
