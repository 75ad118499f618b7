import { Stack } from 'aws-cdk-lib';
import type {
  IWebSocketRouteAuthorizer,
  WebSocketRoute,
  WebSocketRouteOptions,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnApi, LogGroupLogDestination, WebSocketApi, WebSocketStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { accessLogFormats, accessLogGroup } from './access-logs.ts';
import { acknowledge } from './acknowledge.ts';
import { removeIdentitySources } from './identity-sources.ts';
import type { IdentityTable } from './identity-table.ts';
import { RuntimeFunction } from './runtime-function.ts';
import type { StageConfig } from './stage.ts';

export interface RealtimeApiProps {
  readonly stage: StageConfig;
  /** Before `$connect`, the only request of a connection that API Gateway authorizes. */
  readonly authorizer: IWebSocketRouteAuthorizer;
  readonly identityTable: IdentityTable;
  /** Events per second of all connections together; bursts of twice as many. @default 1000 */
  readonly eventsPerSecond?: number;
}

/** The WebSocket API and the one function behind it. */
export class RealtimeApi extends Construct {
  readonly webSocketApi: WebSocketApi;
  readonly stage: WebSocketStage;
  readonly function: RuntimeFunction;
  /** Public URL, `wss://…/<stage>`. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: RealtimeApiProps) {
    super(scope, id);
    this.webSocketApi = new WebSocketApi(this, 'WebSocket', {
      apiName: `crm-realtime-${props.stage.name}`,
      description: 'The CRM behind its authorizer, for connections that stay open',
    });
    this.stage = this.createStage(props);
    this.function = this.createFunction(props);
    this.addRoutes(props.authorizer);
    removeIdentitySources(this.webSocketApi);
    this.url = this.stage.url;
  }

  private createStage({ stage, eventsPerSecond = 1000 }: RealtimeApiProps): WebSocketStage {
    return new WebSocketStage(this, 'Stage', {
      webSocketApi: this.webSocketApi,
      stageName: stage.name,
      autoDeploy: true,
      detailedMetricsEnabled: true,
      throttle: { rateLimit: eventsPerSecond, burstLimit: 2 * eventsPerSecond },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogGroup(this, stage)),
        format: accessLogFormats.webSocket,
      },
    });
  }

  private createFunction({ stage, identityTable }: RealtimeApiProps): RuntimeFunction {
    const realtime = new RuntimeFunction(this, 'Realtime', {
      stage,
      logicalId: 'Realtime',
      entry: 'lambda/realtime/realtime-handler.ts',
      description: 'Tells connections who they are known as, as long as their credential stands',
      environment: {
        AUTH_TABLE_NAME: identityTable.table.tableName,
        // From here and not from an event: what an event says must not choose where signed calls go.
        WEBSOCKET_MANAGEMENT_URL: this.stage.callbackUrl,
      },
    });
    identityTable.grantRead(realtime, [
      'session#*',
      'session.id#*',
      'apikey#*',
      'apikey.id#*',
      'member.userId#*',
      'organization#*',
      'organization.slug#*',
      'installation#*',
    ]);
    this.grantConnections(realtime);
    return realtime;
  }

  /** Send and close, on this API and stage. CDK's own grant also gives the right to read who is connected. */
  private grantConnections(grantee: RuntimeFunction): void {
    const stack = Stack.of(this);
    const api = this.webSocketApi.node.defaultChild;
    for (const method of ['POST', 'DELETE']) {
      const resourceName = `${this.stage.stageName}/${method}/@connections/*`;
      Grant.addToPrincipal({
        grantee,
        actions: ['execute-api:ManageConnections'],
        resourceArns: [
          stack.formatArn({ service: 'execute-api', resource: this.webSocketApi.apiId, resourceName }),
        ],
      });
      if (!(api instanceof CfnApi)) continue;
      const account = 'arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>';
      acknowledge(
        grantee.role,
        `IAM5[Resource::${account}:<${stack.getLogicalId(api)}>/${resourceName}]`,
        'A connection gets its id when it is opened: every one of this API and stage can be meant, and no other.',
      );
    }
  }

  private addRoutes(authorizer: IWebSocketRouteAuthorizer): void {
    const { function: handler } = this.function;
    const integration = (id: string) => new WebSocketLambdaIntegration(id, handler);
    const add = (key: string, options: WebSocketRouteOptions): WebSocketRoute => {
      const route = this.webSocketApi.addRoute(key, options);
      // An API without a route is not deployed.
      this.stage.node.addDependency(route);
      return route;
    };
    add('$connect', { integration: integration('Connect'), authorizer });
    for (const route of [
      add('$disconnect', { integration: integration('Disconnect') }),
      add('$default', { integration: integration('Message') }),
    ]) {
      acknowledge(
        route,
        'APIG4',
        'API Gateway authorizes $connect alone; the function decides again before it sends anything.',
      );
    }
  }
}
