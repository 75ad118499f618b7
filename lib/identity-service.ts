import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { IdentityTable, Partition } from './identity-table.ts';
import type { KeyRingSecret } from './key-ring-secret.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

export interface IdentityServiceProps {
  readonly stage: StageConfig;
  readonly identityTable: IdentityTable;
  readonly betterAuthKeys: KeyRingSecret;
}

/** Better Auth's models, as identity lays them out: their rows, and the pointers and lists kept beside them (`<model>.<field>#…`). */
const models = [
  'user',
  'session',
  'account',
  'verification',
  'rateLimit',
  'organization',
  'organizationRole',
  'member',
  'invitation',
  'team',
  'teamMember',
  'apikey',
] as const;
const ownPartitions: readonly Partition[] = models.flatMap((model): Partition[] => [
  `${model}#*`,
  `${model}.*#*`,
]);

/** Better Auth's own server on Lambda: it alone writes users, sessions, keys, organizations and memberships. */
export class IdentityService extends Construct {
  readonly function: RuntimeFunction;

  constructor(scope: Construct, id: string, props: IdentityServiceProps) {
    super(scope, id);
    const { identityTable } = props;
    this.function = new RuntimeFunction(this, 'Identity', {
      stage: props.stage,
      logicalId: 'Identity',
      entry: 'lambda/identity/handler.ts',
      description: 'Better Auth: sign-up, sign-in, organizations and API keys',
      environment: {
        AUTH_TABLE_NAME: identityTable.table.tableName,
        BETTER_AUTH_SECRET_ARN: props.betterAuthKeys.secret.secretArn,
      },
      // Password hashing fills one core; more than one core would stand idle.
      memorySize: 1769,
      timeout: Duration.seconds(15),
    });
    identityTable.grantRead(this.function, ownPartitions);
    identityTable.grantWrite(this.function, ownPartitions);
    // A deleted organization takes its installations with it. Making one would let whoever takes this
    // function over grant scopes to an extension of their own.
    identityTable.grantRead(this.function, ['installation#*']);
    identityTable.grantDelete(this.function, ['installation#*']);
    // Read only, as for everybody: who could write here could bring a revoked key back to life.
    identityTable.grantRead(this.function, ['revocation#*']);
    props.betterAuthKeys.grantRead(this.function);
  }
}
