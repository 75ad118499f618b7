import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StageConfig } from './stage.ts';

/** The log group that an API writes one line per request to. */
export const accessLogGroup = (scope: Construct, stage: StageConfig): LogGroup =>
  new LogGroup(scope, 'AccessLogs', {
    retention: stage.keepsData ? RetentionDays.THREE_MONTHS : RetentionDays.ONE_WEEK,
    removalPolicy: stage.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });

const every = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  sourceIp: '$context.identity.sourceIp',
  status: '$context.status',
  integrationStatus: '$context.integration.status',
  integrationLatencyMs: '$context.integration.latency',
  principalId: '$context.authorizer.principalId',
  errorType: '$context.error.responseType',
};

const request = {
  ...every,
  method: '$context.httpMethod',
  latencyMs: '$context.responseLatency',
  authorizerStatus: '$context.authorizer.status',
  authorizerLatencyMs: '$context.authorizer.latency',
  reason: '$context.authorizer.reason',
};

const format = (fields: Readonly<Record<string, string>>): AccessLogFormat =>
  AccessLogFormat.custom(JSON.stringify(fields));

/**
 * Route templates and API Gateway's own words only. `$context.path` could carry a credential that a client put
 * into its URL, `$context.error.messageString` quotes the `Authorization` header of an unmatched request, and
 * neither is escaped: a client could write lines of its own.
 */
export const accessLogFormats = {
  rest: format({ ...request, route: '$context.resourcePath', traceId: '$context.xrayTraceId' }),
  http: format({ ...request, route: '$context.routeKey' }),
  webSocket: format({
    ...every,
    route: '$context.routeKey',
    event: '$context.eventType',
    connectionId: '$context.connectionId',
  }),
};
