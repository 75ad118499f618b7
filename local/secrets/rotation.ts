import { randomUUID } from 'node:crypto';
import type { LambdaRuntime } from '../lambda-runtime.ts';
import { addPending, CURRENT, PENDING } from './secret.ts';
import type { Secret } from './secret.ts';
import { SecretError } from './secret-error.ts';
import type { SecretStore } from './secret-store.ts';

/** What a rotation function is called with, four times in this order. */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export interface RotateOptions {
  readonly store: SecretStore;
  readonly runtime: LambdaRuntime;
  /** Epoch seconds. */
  readonly now: () => number;
  /** How the rotation ended; `failure` names the step and says why. */
  readonly onEnd: (arn: string, failure?: string) => void;
}

export interface RotateRequest {
  readonly secretId: string;
  /** Becomes the id of the new version, which makes a repeated request harmless. */
  readonly token?: string | undefined;
  readonly functionArn?: string | undefined;
  readonly rules?: Readonly<Record<string, unknown>> | undefined;
  readonly immediately: boolean;
}

/**
 * Starts a rotation and returns at once, as AWS does: the function runs in the background.
 * A rotation that is not finished (AWSPENDING on a version that is not current) is taken up again and the
 * request refused.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
export function rotateSecret(
  request: RotateRequest,
  options: RotateOptions,
): { secret: Secret; versionId: string } {
  const { store, now } = options;
  const configured = store.update(request.secretId, (secret) => configure(secret, request));
  const functionName = nameOf(configured.rotationFunction);
  if (functionName === undefined || !options.runtime.has(functionName)) {
    throw new SecretError(
      'InvalidRequestException',
      'No Lambda rotation function ARN is associated with this secret.',
    );
  }
  const unfinished = configured.versions.find(
    ({ stages }) => stages.includes(PENDING) && !stages.includes(CURRENT),
  );
  if (unfinished && unfinished.id !== request.token) {
    void runSteps(configured.arn, unfinished.id, functionName, options);
    throw new SecretError(
      'InvalidRequestException',
      "A previous rotation isn't complete. That rotation will be reattempted.",
    );
  }
  const versionId = request.token ?? randomUUID();
  if (!request.immediately) return { secret: configured, versionId };
  const secret = unfinished
    ? configured
    : store.update(configured.arn, (before) => addPending(before, versionId, now()));
  void runSteps(secret.arn, versionId, functionName, options);
  return { secret, versionId };
}

async function runSteps(
  arn: string,
  token: string,
  functionName: string,
  options: RotateOptions,
): Promise<void> {
  for (const Step of STEPS) {
    const event = JSON.stringify({
      Step,
      SecretId: arn,
      ClientRequestToken: token,
      RotationToken: randomUUID(),
    });
    const result = await options.runtime.invoke(functionName, event);
    if (!result.ok) return options.onEnd(arn, `${Step}: ${result.errorType}: ${result.errorMessage}`);
  }
  // A function that says it is done without having moved the label has not rotated anything.
  const current = options.store.get(arn).versions.find(({ stages }) => stages.includes(CURRENT));
  if (current?.id !== token)
    return options.onEnd(arn, 'finishSecret: AWSCURRENT was not moved to the new version');
  options.store.update(arn, (secret) => ({ ...secret, rotated: options.now() }));
  return options.onEnd(arn);
}

const configure = (secret: Secret, { functionArn, rules }: RotateRequest): Secret =>
  functionArn === undefined && rules === undefined
    ? secret
    : {
        ...secret,
        ...(functionArn !== undefined && { rotationFunction: functionArn }),
        ...(rules !== undefined && { rotationRules: rules }),
      };

const nameOf = (arn: string | undefined): string | undefined => {
  const parts = arn?.split(':');
  const marker = parts?.indexOf('function') ?? -1;
  return marker < 0 ? arn : parts?.[marker + 1];
};
