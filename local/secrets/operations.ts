import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { rotateSecret } from './rotation.ts';
import type { RotateOptions } from './rotation.ts';
import { CURRENT, findVersion, putVersion, updateStage } from './secret.ts';
import type { Secret } from './secret.ts';
import { SecretError } from './secret-error.ts';

type Operation = (input: unknown, options: RotateOptions) => object;

const SecretId = v.pipe(v.string(), v.minLength(1), v.maxLength(2048));
const Token = v.pipe(v.string(), v.minLength(32), v.maxLength(64));
const Stage = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
/** Secrets Manager's limit on a value, in bytes. */
const Value = v.pipe(v.string(), v.minLength(1), v.maxBytes(65_536));

/** An operation's input is checked before its work begins. */
const operation =
  <S extends v.GenericSchema>(
    schema: S,
    run: (input: v.InferOutput<S>, options: RotateOptions) => object,
  ): Operation =>
  (input, options) => {
    const parsed = v.safeParse(schema, input);
    if (parsed.success) return run(parsed.output, options);
    const [issue] = parsed.issues;
    throw new SecretError('ValidationException', `${v.getDotPath(issue) ?? 'The request'}: ${issue.message}`);
  };

/** The operations that the functions and the operator's tools use. */
export const operations: Readonly<Record<string, Operation>> = {
  GetSecretValue: operation(
    v.object({ SecretId, VersionId: v.optional(Token), VersionStage: v.optional(Stage) }),
    ({ SecretId: id, VersionId, VersionStage }, { store }) => {
      const secret = store.get(id);
      const version = findVersion(secret, VersionId, VersionStage);
      if (version.value === undefined) {
        // What AWS says of a version that a rotation made and has not filled yet.
        throw new SecretError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for VersionId: ${version.id}`,
        );
      }
      return {
        ...named(secret),
        VersionId: version.id,
        SecretString: version.value,
        VersionStages: version.stages,
        CreatedDate: version.created,
      };
    },
  ),

  PutSecretValue: operation(
    v.object({
      SecretId,
      ClientRequestToken: v.optional(Token),
      SecretString: Value,
      VersionStages: v.optional(v.pipe(v.array(Stage), v.minLength(1), v.maxLength(20)), [CURRENT]),
    }),
    (
      { SecretId: id, ClientRequestToken: token = randomUUID(), SecretString, VersionStages },
      { store, now },
    ) => {
      const secret = store.update(id, (before) =>
        putVersion(before, token, SecretString, VersionStages, now()),
      );
      return {
        ...named(secret),
        VersionId: token,
        VersionStages: findVersion(secret, token, undefined).stages,
      };
    },
  ),

  DescribeSecret: operation(v.object({ SecretId }), ({ SecretId: id }, { store }) => {
    const secret = store.get(id);
    return {
      ...named(secret),
      Description: secret.description,
      CreatedDate: secret.created,
      LastChangedDate: secret.changed,
      LastRotatedDate: secret.rotated,
      RotationEnabled: secret.rotationFunction !== undefined,
      RotationLambdaARN: secret.rotationFunction,
      RotationRules: secret.rotationRules,
      VersionIdsToStages: Object.fromEntries(
        secret.versions
          .filter(({ stages }) => stages.length > 0)
          .map(({ id: versionId, stages }) => [versionId, stages]),
      ),
    };
  }),

  ListSecretVersionIds: operation(
    v.object({ SecretId, IncludeDeprecated: v.optional(v.boolean(), false) }),
    ({ SecretId: id, IncludeDeprecated }, { store }) => {
      const secret = store.get(id);
      return {
        ...named(secret),
        Versions: secret.versions
          .filter(({ stages }) => IncludeDeprecated || stages.length > 0)
          .map(({ id: VersionId, stages: VersionStages, created: CreatedDate }) => ({
            VersionId,
            VersionStages,
            CreatedDate,
          })),
      };
    },
  ),

  UpdateSecretVersionStage: operation(
    v.object({
      SecretId,
      VersionStage: Stage,
      MoveToVersionId: v.optional(Token),
      RemoveFromVersionId: v.optional(Token),
    }),
    ({ SecretId: id, VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from }, { store, now }) =>
      named(store.update(id, (secret) => updateStage(secret, { stage, to, from }, now()))),
  ),

  RotateSecret: operation(
    v.object({
      SecretId,
      ClientRequestToken: v.optional(Token),
      RotationLambdaARN: v.optional(v.string()),
      RotationRules: v.optional(v.record(v.string(), v.unknown())),
      RotateImmediately: v.optional(v.boolean(), true),
    }),
    (input, options) => {
      const { secret, versionId } = rotateSecret(
        {
          secretId: input.SecretId,
          token: input.ClientRequestToken,
          functionArn: input.RotationLambdaARN,
          rules: input.RotationRules,
          immediately: input.RotateImmediately,
        },
        options,
      );
      return { ...named(secret), VersionId: versionId };
    },
  ),
};

const named = ({ arn, name }: Secret): { ARN: string; Name: string } => ({ ARN: arn, Name: name });
