import * as v from 'valibot';
import { StackError } from '../stack-error.ts';
import type { Template } from '../template.ts';
import { functionOf } from './lambda-uri.ts';

/** An HTTP or WebSocket API as the template has it (`AWS::ApiGatewayV2`): its parts, put together. */
export interface V2Api {
  readonly id: string;
  readonly routeSelectionExpression: string;
  /** Of the API as a whole; HTTP APIs only. */
  readonly cors: unknown;
  readonly stages: readonly V2Stage[];
  readonly routes: readonly V2Route[];
}

export interface V2Stage {
  readonly name: string;
  /** Undefined when it has none. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

export interface V2Route {
  /** `GET /v1/whoami`, `$default`, `$connect`. */
  readonly key: string;
  readonly functionName: string;
  /** Absent where the template states none. */
  readonly payloadFormat?: string | undefined;
  /** Milliseconds an integration may take. Absent: as long as API Gateway lets one. */
  readonly timeout?: number | undefined;
  readonly authorizer?: V2Authorizer | undefined;
  /** Expects an answer to each message (WebSocket APIs only). */
  readonly responds: boolean;
}

export interface V2Authorizer {
  readonly id: string;
  readonly functionName: string;
  readonly identitySources: readonly string[];
  readonly payloadFormat?: string | undefined;
  readonly simple: boolean;
  /** Seconds a result is kept. Absent where the template states none. */
  readonly ttl?: number | undefined;
}

const ApiProperties = v.object({
  ProtocolType: v.optional(v.picklist(['HTTP', 'WEBSOCKET'])),
  RouteSelectionExpression: v.optional(v.string(), '$request.method $request.path'),
  CorsConfiguration: v.optional(v.unknown()),
  Body: v.optional(v.never('the local gateway reads routes, not OpenAPI documents')),
  BodyS3Location: v.optional(v.never('the local gateway reads routes, not OpenAPI documents')),
});
const Stage = v.object({
  ApiId: v.string(),
  StageName: v.string(),
  StageVariables: v.optional(v.record(v.string(), v.string())),
});
const Route = v.object({
  ApiId: v.string(),
  RouteKey: v.string(),
  AuthorizationType: v.optional(
    v.picklist(['NONE', 'CUSTOM'], 'the local gateway knows NONE and CUSTOM only'),
    'NONE',
  ),
  AuthorizerId: v.optional(v.string()),
  ApiKeyRequired: v.optional(v.literal(false, 'the local gateway knows no usage plans')),
  RequestModels: v.optional(v.never('the local gateway validates no request models')),
  RouteResponseSelectionExpression: v.optional(v.string()),
  Target: v.pipe(
    v.string(),
    v.regex(/^integrations\/./, 'must name an integration'),
    v.transform((target) => target.replace('integrations/', '')),
  ),
});
const Integration = v.object({
  IntegrationType: v.literal('AWS_PROXY', 'the local gateway knows Lambda proxy integrations only'),
  IntegrationSubtype: v.optional(v.never('the local gateway knows Lambda proxy integrations only')),
  IntegrationUri: v.string(),
  PayloadFormatVersion: v.optional(v.picklist(['1.0', '2.0'])),
  RequestParameters: v.optional(v.never('the local gateway maps no parameters')),
  ResponseParameters: v.optional(v.never('the local gateway maps no parameters')),
  TimeoutInMillis: v.optional(v.number()),
});
const Authorizer = v.object({
  AuthorizerType: v.literal('REQUEST', 'the local gateway knows REQUEST authorizers only'),
  AuthorizerUri: v.string(),
  IdentitySource: v.optional(v.array(v.string()), []),
  AuthorizerPayloadFormatVersion: v.optional(v.picklist(['1.0', '2.0'])),
  EnableSimpleResponses: v.optional(v.boolean(), false),
  AuthorizerResultTtlInSeconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(3600))),
});

/**
 * The API of a protocol; undefined where the template has none.
 *
 * @throws {StackError} when it cannot be served as the template says
 */
export function readV2Api(template: Template, protocol: 'HTTP' | 'WEBSOCKET'): V2Api | undefined {
  const [api, ...others] = template
    .resources('AWS::ApiGatewayV2::Api', ApiProperties)
    .filter(({ properties }) => properties.ProtocolType === protocol);
  if (!api) return undefined;
  if (others.length > 0)
    throw new StackError(`the local gateway serves one ${protocol} API, the template has more`);
  const stages = template
    .resources('AWS::ApiGatewayV2::Stage', Stage)
    .filter(({ properties }) => properties.ApiId === api.ref)
    .map(({ properties }) => ({ name: properties.StageName, variables: properties.StageVariables }));
  if (stages.length === 0) throw new StackError(`${api.logicalId} has no stage`);
  return {
    id: api.ref,
    routeSelectionExpression: api.properties.RouteSelectionExpression,
    cors: api.properties.CorsConfiguration,
    stages,
    routes: readRoutes(template, api.ref),
  };
}

function readRoutes(template: Template, apiId: string): readonly V2Route[] {
  const integrations = new Map(
    template
      .resources('AWS::ApiGatewayV2::Integration', Integration)
      .map(({ ref, properties }) => [ref, properties]),
  );
  const authorizers = readAuthorizers(template);
  return template
    .resources('AWS::ApiGatewayV2::Route', Route)
    .filter(({ properties }) => properties.ApiId === apiId)
    .map(({ logicalId, properties }) => {
      const { AuthorizationType: type, AuthorizerId: id, Target: target } = properties;
      const integration = integrations.get(target);
      if (!integration)
        throw new StackError(`${logicalId}: its integration ${target} is not in the template`);
      const authorizer = type === 'CUSTOM' ? authorizers.get(id ?? '') : undefined;
      // Closed by default: a route whose authorizer is gone must not come up without one.
      if (type === 'CUSTOM' && !authorizer)
        throw new StackError(`${logicalId}: its authorizer ${id} is not in the template`);
      return {
        key: properties.RouteKey,
        functionName: functionOf(integration.IntegrationUri),
        payloadFormat: integration.PayloadFormatVersion,
        timeout: integration.TimeoutInMillis,
        authorizer,
        responds: properties.RouteResponseSelectionExpression !== undefined,
      };
    });
}

const readAuthorizers = (template: Template): ReadonlyMap<string, V2Authorizer> =>
  new Map(
    template.resources('AWS::ApiGatewayV2::Authorizer', Authorizer).map(({ ref, properties }) => [
      ref,
      {
        id: ref,
        functionName: functionOf(properties.AuthorizerUri),
        identitySources: properties.IdentitySource,
        payloadFormat: properties.AuthorizerPayloadFormatVersion,
        simple: properties.EnableSimpleResponses,
        ttl: properties.AuthorizerResultTtlInSeconds,
      },
    ]),
  );
