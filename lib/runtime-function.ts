import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Entry } from './bundles.ts';
import { withBundle } from './bundles.ts';
import { developmentVariables } from './development-variables.ts';
import type { StageConfig } from './stage.ts';

export interface RuntimeFunctionProps {
  readonly stage: StageConfig;
  /** Logical id in the template: stable, since SAM and the local stack call the function by it. */
  readonly logicalId: string;
  readonly entry: Entry;
  /** Name of the handler's export. @default handler */
  readonly handler?: string;
  readonly description: string;
  /** Variables besides STAGE, BETTER_AUTH_URL and TRUSTED_ORIGINS. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** MiB; CPU is given in proportion, 1,769 is one full core. @default 512 */
  readonly memorySize?: number;
  /** @default 10 seconds */
  readonly timeout?: Duration;
}

/**
 * A Lambda function as all of ours are: Node 24, its own role that starts with nothing but its own log group
 * and X-Ray, logs as JSON that are kept for a known time, and the three variables every function reads.
 */
export class RuntimeFunction extends Construct implements IGrantable {
  readonly function: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;
  readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: RuntimeFunctionProps) {
    super(scope, id);
    const { stage } = props;
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: stage.keepsData ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
      removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    // Not the managed AWSLambdaBasicExecutionRole: it may write to every log group of the account.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(this.role);
    this.grantPrincipal = this.role.grantPrincipal;
    this.function = withBundle(
      props.entry,
      (directory) =>
        new LambdaFunction(this, 'Function', {
          description: props.description,
          runtime: Runtime.NODEJS_24_X,
          // A fifth cheaper per millisecond than x86. The bundles are plain JavaScript and run on either.
          architecture: Architecture.ARM_64,
          code: Code.fromAsset(directory),
          handler: `index.${props.handler ?? 'handler'}`,
          environment: environmentOf(stage, props.environment ?? {}),
          memorySize: props.memorySize ?? 512,
          timeout: props.timeout ?? Duration.seconds(10),
          role: this.role,
          logGroup: this.logGroup,
          loggingFormat: LoggingFormat.JSON,
          tracing: Tracing.ACTIVE,
        }),
    );
    const resource = this.function.node.defaultChild;
    if (resource instanceof CfnFunction) resource.overrideLogicalId(props.logicalId);
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'X-Ray has no resource to name: PutTraceSegments and PutTelemetryRecords only accept "*".',
    });
  }
}

const environmentOf = (
  stage: StageConfig,
  own: Readonly<Record<string, string>>,
): Record<string, string> => ({
  STAGE: stage.name,
  BETTER_AUTH_URL: stage.betterAuthUrl,
  TRUSTED_ORIGINS: stage.trustedOrigins.join(','),
  ...(stage.name === 'dev' ? developmentVariables(own) : {}),
  ...own,
});
