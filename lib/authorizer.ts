import { Aws, Duration } from 'aws-cdk-lib';
import type { IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import { CfnAuthorizer, RequestAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer, IWebSocketRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
  WebSocketLambdaAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AuthorizerFunctionProps } from './authorizer-function.ts';
import { authorizerFunction } from './authorizer-function.ts';
import type { RuntimeFunction } from './runtime-function.ts';

export type CrmAuthorizerProps = AuthorizerFunctionProps;

/**
 * The authorizer in front of the CRM's APIs: one decision, and a function for every way API Gateway can ask
 * for it. No answer is cached at a gateway: it would outlive a revocation, and its key would have to hold every
 * input of the decision. None has identity sources: the gateway would answer 401 by itself wherever one is
 * missing, and no request has all of them.
 */
export class CrmAuthorizer extends Construct {
  /** REST API, REQUEST. */
  readonly rest: RuntimeFunction;
  /** REST API, TOKEN: decides by the `Authorization` header alone. */
  readonly restToken: RuntimeFunction;
  /** HTTP API, payload 2.0, simple responses. */
  readonly http: RuntimeFunction;
  /** HTTP API, payload 2.0, IAM policies. */
  readonly httpIam: RuntimeFunction;
  /** HTTP API, payload 1.0. */
  readonly httpV1: RuntimeFunction;
  /** WebSocket API, `$connect`. */
  readonly websocket: RuntimeFunction;
  /** For the methods of one REST API. */
  readonly restAuthorizer: IAuthorizer;
  /** For the routes of one HTTP API. */
  readonly httpAuthorizer: IHttpRouteAuthorizer;
  /** For `$connect` of one WebSocket API. */
  readonly webSocketAuthorizer: IWebSocketRouteAuthorizer;

  constructor(scope: Construct, id: string, props: CrmAuthorizerProps) {
    super(scope, id);
    this.rest = authorizerFunction(this, 'Rest', 'rest', 'REST API', props);
    this.restToken = authorizerFunction(this, 'RestToken', 'restToken', 'REST API, one header', props);
    this.http = authorizerFunction(this, 'Http', 'http', 'HTTP API', props);
    this.httpIam = authorizerFunction(this, 'HttpIam', 'httpIam', 'HTTP API, IAM policies', props);
    this.httpV1 = authorizerFunction(this, 'HttpV1', 'httpV1', 'HTTP API, payload 1.0', props);
    this.websocket = authorizerFunction(this, 'WebSocket', 'websocket', 'WebSocket API', props);
    this.restAuthorizer = this.requestAuthorizer();
    this.httpAuthorizer = new HttpLambdaAuthorizer('Simple', this.http.function, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // Left out, both are CDK's own: five minutes, and the Authorization header as the only key.
      resultsCacheTtl: Duration.seconds(0),
      identitySource: [],
    });
    this.webSocketAuthorizer = new WebSocketLambdaAuthorizer('Connect', this.websocket.function, {
      identitySource: [],
    });
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
      resultsCacheTtl: Duration.seconds(0),
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
