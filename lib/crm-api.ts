import { CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import type { IAuthorizer, IResource, MethodOptions, RequestValidator } from 'aws-cdk-lib/aws-apigateway';
import {
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { identityPath } from '../lambda/core/routes.ts';
import { accessLogFormats, accessLogGroup } from './access-logs.ts';
import { acknowledge } from './acknowledge.ts';
import { addGatewayResponses } from './gateway-responses.ts';
import type { ServedFunctions, ServedRoute } from './served-routes.ts';
import { openReasons, servedRoutes } from './served-routes.ts';
import type { StageConfig } from './stage.ts';
import { WebAcl } from './web-acl.ts';

export interface CrmApiProps {
  readonly stage: StageConfig;
  readonly authorizer: IAuthorizer;
  readonly functions: ServedFunctions;
  /** Requests per second of all callers together; bursts of twice as many. @default 1000 */
  readonly requestsPerSecond?: number;
}

/** The REST API, built from the route table: what is not in the table does not exist. */
export class CrmApi extends Construct {
  readonly restApi: RestApi;
  /** Public URL, with the stage on the execute-api host and without on a custom domain. No trailing slash. */
  readonly url: string;
  readonly webAcl: WebAcl;
  private readonly props: CrmApiProps;
  private readonly validator: RequestValidator;

  constructor(scope: Construct, id: string, props: CrmApiProps) {
    super(scope, id);
    this.props = props;
    this.restApi = this.createRestApi();
    // It can only miss a path parameter, which routing has already found. Bodies are checked by the
    // endpoints, which alone can answer in the contract's shape.
    this.validator = this.restApi.addRequestValidator('Parameters', {
      validateRequestParameters: true,
      validateRequestBody: true,
    });
    for (const route of servedRoutes) this.addRoute(route);
    this.addIdentity();
    addGatewayResponses(this.restApi, new URL(props.stage.betterAuthUrl).origin);
    this.webAcl = new WebAcl(this, 'WebAcl', { apiStage: this.restApi.deploymentStage });
    this.url = this.publicUrl();
  }

  private publicUrl(): string {
    const { domainName } = this.props.stage;
    if (domainName === undefined) return this.restApi.deploymentStage.urlForPath('/').slice(0, -1);
    const domain = this.restApi.addDomainName('Domain', {
      domainName,
      // Issued once its CNAME record is in the domain's DNS: the deployment waits for it.
      certificate: new Certificate(this, 'Certificate', {
        domainName,
        validation: CertificateValidation.fromDns(),
      }),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new CfnOutput(this, 'DomainTarget', {
      description: `Point ${domainName} here`,
      value: domain.domainNameAliasDomainName,
    }).overrideLogicalId('DomainTarget');
    return `https://${domainName}`;
  }

  private createRestApi(): RestApi {
    const { stage, requestsPerSecond = 1000 } = this.props;
    const restApi = new RestApi(this, 'Rest', {
      restApiName: `crm-${stage.name}`,
      description: 'The CRM behind its authorizer',
      endpointTypes: [EndpointType.REGIONAL],
      // With a domain of our own the other host would be a second way in, under another cookie domain.
      disableExecuteApiEndpoint: stage.domainName !== undefined,
      cloudWatchRole: true,
      // The role is a setting of the account, shared by all its APIs: they keep it when this stack goes.
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: stage.name,
        accessLogDestination: new LogGroupLogDestination(accessLogGroup(this, stage)),
        accessLogFormat: accessLogFormats.rest,
        loggingLevel: MethodLoggingLevel.ERROR,
        // Would write every header and body to the log, credentials included.
        dataTraceEnabled: false,
        metricsEnabled: true,
        tracingEnabled: true,
        throttlingRateLimit: requestsPerSecond,
        throttlingBurstLimit: 2 * requestsPerSecond,
      },
    });
    // CDK's own output of the URL: the stack has one by its own name.
    restApi.node.tryRemoveChild('Endpoint');
    acknowledge(
      restApi,
      'COG4',
      'Requests are authorized by the Lambda authorizer of this package, not by Cognito.',
    );
    acknowledge(
      restApi,
      'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      'API Gateway refuses an account role that may do less than this managed policy, and only API Gateway assumes it.',
    );
    return restApi;
  }

  private addRoute(route: ServedRoute): void {
    const resource = this.restApi.root.resourceForPath(route.path);
    resource.addMethod(route.method, integration(this.props.functions.endpoints[route.endpoint]), {
      authorizationType: AuthorizationType.CUSTOM,
      authorizer: this.props.authorizer,
      requestValidator: this.validator,
      requestParameters: pathParameters(route.path),
    });
    this.addPreflight(resource);
  }

  private addIdentity(): void {
    const resource = this.restApi.root.resourceForPath(identityPath);
    const method = resource.addMethod('ANY', integration(this.props.functions.identity), open);
    acknowledge(method, 'APIG4', openReasons.identity);
    this.addPreflight(resource);
  }

  private addPreflight(resource: IResource): void {
    if (resource.node.tryFindChild('OPTIONS')) return;
    const method = resource.addMethod('OPTIONS', integration(this.props.functions.preflight), open);
    acknowledge(method, 'APIG4', openReasons.preflight);
  }
}

const open: MethodOptions = { authorizationType: AuthorizationType.NONE };

/** A permission for each method of this stage; the console's test button gets none. */
const integration = (handler: IFunction): LambdaIntegration =>
  new LambdaIntegration(handler, { proxy: true, allowTestInvoke: false });

const pathParameters = (path: string): Record<string, boolean> =>
  Object.fromEntries(
    [...path.matchAll(/\{([^}+]+)\}/g)].map(([, name]) => [`method.request.path.${name}`, true]),
  );
