import { Aws, Duration } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { SecretKind } from '../lambda/runtime/config.ts';
import type { IdentityTable } from './identity-table.ts';
import type { KeyRingSecret } from './key-ring-secret.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

/** How old a ring may be where it is used, and how long a new key waits for that. */
export interface KeyRingBounds {
  /** A reader asks for the ring again after. */
  readonly ttl: Duration;
  /** A reader goes on with the ring it has, while it cannot be fetched, for. */
  readonly stale: Duration;
  /** A key signs this long after it was made. */
  readonly publishDelay: Duration;
}

export interface KeyRingRotationProps {
  readonly stage: StageConfig;
  /** Logical id of the function. */
  readonly logicalId: string;
  /** Which secret `keys` is, as the function calls it. */
  readonly secretKind: SecretKind;
  readonly keys: KeyRingSecret;
  /** Holds the names of revoked keys. */
  readonly identityTable: IdentityTable;
  /** Time from one rotation to the next, whole days. */
  readonly every: Duration;
  /** Longest time that anything signed with these keys is valid. */
  readonly longestLifetime: Duration;
  /** @default what every function goes by when its environment says nothing else */
  readonly bounds?: KeyRingBounds;
}

export const defaultBounds: KeyRingBounds = {
  ttl: Duration.seconds(300),
  stale: Duration.seconds(3600),
  publishDelay: Duration.seconds(4200),
};

/** By how much two clocks may differ. */
const skew = Duration.seconds(30);

/** Which variable names the secret. */
const arnVariables: Readonly<Record<SecretKind, string>> = {
  'extension-token': 'EXTENSION_TOKEN_SECRET_ARN',
  'better-auth': 'BETTER_AUTH_SECRET_ARN',
};

/**
 * Rotates one key ring on a schedule. A function for each secret: whoever takes one over reaches one ring, and
 * a key it makes cannot be one of the other, which it has never seen.
 */
export class KeyRingRotation extends Construct {
  readonly function: RuntimeFunction;

  /** @throws {Error} when the rotations would follow each other too closely for anything signed to expire */
  constructor(scope: Construct, id: string, props: KeyRingRotationProps) {
    super(scope, id);
    const { keys, identityTable, secretKind, every, longestLifetime, bounds = defaultBounds } = props;
    checkOverlap(this.node.path, { every, longestLifetime, bounds });
    this.function = new RuntimeFunction(this, 'Rotation', {
      stage: props.stage,
      logicalId: props.logicalId,
      entry: 'lambda/rotation/rotation-handler.ts',
      description: `Appends a key to the ring of ${secretKind} and removes what has expired`,
      environment: {
        AUTH_TABLE_NAME: identityTable.table.tableName,
        [arnVariables[secretKind]]: keys.secret.secretArn,
        ROTATION_SECRET_KIND: secretKind,
        KEY_RING_TTL_SECONDS: String(bounds.ttl.toSeconds()),
        KEY_RING_STALE_SECONDS: String(bounds.stale.toSeconds()),
        KEY_RING_PUBLISH_SECONDS: String(bounds.publishDelay.toSeconds()),
      },
      timeout: Duration.seconds(28),
    });
    keys.grantRotate(this.function);
    identityTable.grantRead(this.function, ['revocation#kid#*']);
    this.schedule(keys, every);
  }

  private schedule({ secret }: KeyRingSecret, every: Duration): void {
    this.function.function.addPermission('Invoke', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      // Else anybody's secret, in any account, could name this function as its own.
      sourceAccount: Aws.ACCOUNT_ID,
    });
    const schedule = new CfnRotationSchedule(this, 'Schedule', {
      secretId: secret.secretArn,
      rotationLambdaArn: this.function.function.functionArn,
      rotationRules: { automaticallyAfterDays: every.toDays() },
      // Left out, every deployment that touches the schedule would rotate.
      rotateImmediatelyOnUpdate: false,
    });
    // Secrets Manager tries the permission as soon as the schedule is made.
    schedule.node.addDependency(this.function);
  }
}

interface Overlap {
  readonly every: Duration;
  readonly longestLifetime: Duration;
  readonly bounds: KeyRingBounds;
}

function checkOverlap(path: string, { every, longestLifetime, bounds }: Overlap): void {
  const seen = bounds.ttl.plus(bounds.stale);
  if (bounds.publishDelay.toSeconds() <= seen.toSeconds()) {
    throw new Error(
      `${path}: a new key signs after ${time(bounds.publishDelay)}, but a reader may go on with the ring it has ` +
        `for ${time(seen)} (ttl + stale), and would refuse what that key signs. Make publishDelay longer than ` +
        `${time(seen)}, or ttl and stale shorter.`,
    );
  }
  const needed = bounds.publishDelay.plus(longestLifetime).plus(skew);
  if (every.toSeconds() <= needed.toSeconds()) {
    throw new Error(
      `${path}: it rotates every ${time(every)}, but a key is needed for ${time(needed)} after the next was made ` +
        `(publishDelay + longestLifetime + ${time(skew)} of clock skew). Make "every" longer than ${time(needed)}.`,
    );
  }
}

const time = (duration: Duration): string => `${duration.toSeconds()} s`;
