import { Aws, Duration } from 'aws-cdk-lib';
import type { IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { CfnAuthorizer, RequestAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { IdentityTable, Partition } from './identity-table.ts';
import type { KeyRingSecret } from './key-ring-secret.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

export interface CrmAuthorizerProps {
  readonly stage: StageConfig;
  readonly identityTable: IdentityTable;
  readonly extensionTokenKeys: KeyRingSecret;
  readonly betterAuthKeys: KeyRingSecret;
}

/** All that a decision is made from. */
const reads: readonly Partition[] = [
  'session#*',
  'apikey#*',
  'apikey.id#*',
  'organization#*',
  'organization.slug#*',
  'member.userId#*',
  'installation#*',
  'revocation#*',
];

/**
 * The authorizer in front of the CRM's APIs. It reads identities and both key rings and writes nothing: its
 * role holds no write action, so no bug in it can give anybody a right that lasts.
 */
export class CrmAuthorizer extends Construct {
  readonly rest: RuntimeFunction;
  /** For the methods of one REST API. It asks for every request: no answer is cached at the gateway. */
  readonly restAuthorizer: IAuthorizer;

  constructor(scope: Construct, id: string, props: CrmAuthorizerProps) {
    super(scope, id);
    this.rest = new RuntimeFunction(this, 'Rest', {
      stage: props.stage,
      logicalId: 'RestAuthorizer',
      entry: 'lambda/authorizer/handler.ts',
      handler: 'rest',
      description: 'Who is this, in which organization, and may they call this route? (REST API)',
      environment: {
        AUTH_TABLE_NAME: props.identityTable.table.tableName,
        EXTENSION_TOKEN_SECRET_ARN: props.extensionTokenKeys.secret.secretArn,
        BETTER_AUTH_SECRET_ARN: props.betterAuthKeys.secret.secretArn,
      },
      // Every request of the CRM waits for it: a full core while loading and for the signatures.
      memorySize: 1769,
      // Its own deadline is 1.5 s; this only ends a process that hangs.
      timeout: Duration.seconds(5),
    });
    props.identityTable.grantRead(this.rest, reads);
    props.extensionTokenKeys.grantRead(this.rest);
    props.betterAuthKeys.grantRead(this.rest);
    this.restAuthorizer = this.requestAuthorizer();
  }

  /**
   * A metric the authorizer writes with its decisions: `Allowed`, `Denied` (by `class`), `Faults`,
   * `DecisionDuration`, `StoreReads`, `CacheHitRate`, `StaleKeyRing`.
   *
   * @default the sum over five minutes
   */
  metric(metricName: string, options: MetricOptions = {}): Metric {
    return new Metric({
      namespace: 'CrmAuthorizer',
      metricName,
      statistic: Stats.SUM,
      period: Duration.minutes(5),
      ...options,
    });
  }

  /** Decisions that could not be made. @default the sum over five minutes */
  metricFaults(options?: MetricOptions): Metric {
    return this.metric('Faults', options);
  }

  /** Decisions made with a key ring older than its time, since Secrets Manager does not answer. */
  metricStaleKeyRing(options?: MetricOptions): Metric {
    return this.metric('StaleKeyRing', options);
  }

  private requestAuthorizer(): RequestAuthorizer {
    const authorizer = new RequestAuthorizer(this, 'RestRequest', {
      handler: this.rest.function,
      // A cached answer outlives a revocation, and its key would have to hold every input of the decision.
      resultsCacheTtl: Duration.seconds(0),
      // None: the gateway would answer 401 by itself wherever one is missing, and no request has all of them.
      identitySources: [],
    });
    const resource = authorizer.node.defaultChild;
    if (resource instanceof CfnAuthorizer) {
      resource.addPropertyDeletionOverride('IdentitySource');
      resource.addPropertyOverride('AuthorizerUri', invocationUri(this.rest.function));
    }
    return authorizer;
  }
}

/** As methods write it. CDK's own takes the function's ARN apart, which no reader of the template but AWS can do. */
const invocationUri = ({ functionArn }: IFunction): string =>
  `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
