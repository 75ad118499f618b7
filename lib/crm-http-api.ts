import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  CfnStage,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { identityPath } from '../lambda/core/routes.ts';
import { accessLogFormats, accessLogGroup } from './access-logs.ts';
import { acknowledge } from './acknowledge.ts';
import { removeIdentitySources } from './identity-sources.ts';
import type { ServedEndpoint, ServedFunctions } from './served-routes.ts';
import { openReasons, servedRoutes } from './served-routes.ts';
import type { StageConfig } from './stage.ts';

export interface CrmHttpApiProps {
  readonly stage: StageConfig;
  readonly authorizer: IHttpRouteAuthorizer;
  readonly functions: ServedFunctions;
  /** Requests per second of all callers together; bursts of twice as many. @default 1000 */
  readonly requestsPerSecond?: number;
  /** Of these, requests to Better Auth, as long as no web ACL can stand before an HTTP API. @default 50 */
  readonly identityRequestsPerSecond?: number;
}

/**
 * The HTTP API: the routes of the route table, as the REST API has them, in front of the same functions. It has
 * no CORS setting of its own: with one, API Gateway drops the CORS headers of the functions, and it knows no
 * origins by pattern.
 */
export class CrmHttpApi extends Construct {
  readonly httpApi: HttpApi;
  readonly stage: HttpStage;
  /** Public URL. No trailing slash: the stage is `$default`, which is no part of the path. */
  readonly url: string;
  private readonly props: CrmHttpApiProps;
  private readonly endpoints: Readonly<Record<ServedEndpoint, HttpLambdaIntegration>>;

  constructor(scope: Construct, id: string, props: CrmHttpApiProps) {
    super(scope, id);
    this.props = props;
    this.httpApi = new HttpApi(this, 'Http', {
      apiName: `crm-${props.stage.name}`,
      description: 'The CRM behind its authorizer',
      createDefaultStage: false,
    });
    const { whoami, records, actions, installations, tokenIssuer } = props.functions.endpoints;
    this.endpoints = {
      whoami: endpoint('Whoami', whoami),
      records: endpoint('Records', records),
      actions: endpoint('Actions', actions),
      installations: endpoint('Installations', installations),
      tokenIssuer: endpoint('TokenIssuer', tokenIssuer),
    };
    for (const { method, path, endpoint: name } of servedRoutes) {
      this.httpApi.addRoutes({
        path,
        methods: [HttpMethod[method]],
        integration: this.endpoints[name],
        authorizer: props.authorizer,
      });
    }
    removeIdentitySources(this.httpApi);
    this.addPreflights();
    this.stage = this.createStage();
    this.addIdentity();
    this.url = this.httpApi.apiEndpoint;
  }

  private addPreflights(): void {
    const integration = endpoint('Preflight', this.props.functions.preflight);
    for (const path of new Set([...servedRoutes.map((route) => route.path), identityPath])) {
      this.addOpen(HttpMethod.OPTIONS, path, integration, openReasons.preflight);
    }
  }

  private addIdentity(): void {
    const { functions, identityRequestsPerSecond = 50 } = this.props;
    // Identity reads payload 1.0, in which each Set-Cookie and each header stands as it was sent.
    const integration = new HttpLambdaIntegration('Identity', functions.identity, {
      payloadFormatVersion: PayloadFormatVersion.VERSION_1_0,
    });
    const [route] = this.addOpen(HttpMethod.ANY, identityPath, integration, openReasons.identity);
    const stage = this.stage.node.defaultChild;
    if (!(stage instanceof CfnStage) || route === undefined) return;
    // Signing in hashes a password, the dearest thing there is here, and this door has no limit by address.
    stage.routeSettings = {
      [`ANY ${identityPath}`]: throttling(identityRequestsPerSecond),
    };
    // A stage with settings for a route that does not exist yet is refused.
    stage.node.addDependency(route);
  }

  private addOpen(method: HttpMethod, path: string, integration: HttpLambdaIntegration, reason: string) {
    const added = this.httpApi.addRoutes({ path, methods: [method], integration });
    for (const route of added) acknowledge(route, 'APIG4', reason);
    return added;
  }

  private createStage(): HttpStage {
    const { stage, requestsPerSecond = 1000 } = this.props;
    return new HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: requestsPerSecond, burstLimit: 2 * requestsPerSecond },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogGroup(this, stage)),
        format: accessLogFormats.http,
      },
    });
  }
}

/** Our endpoints read either payload; 2.0 keeps the numbers of the authorizer's context numbers. */
const endpoint = (id: string, handler: IFunction): HttpLambdaIntegration =>
  new HttpLambdaIntegration(id, handler, { payloadFormatVersion: PayloadFormatVersion.VERSION_2_0 });

/** As CloudFormation names them: route settings are passed on as they are written. */
const throttling = (rate: number) => ({ ThrottlingRateLimit: rate, ThrottlingBurstLimit: 2 * rate });
