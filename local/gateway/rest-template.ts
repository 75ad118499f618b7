import * as v from 'valibot';
import { StackError } from '../stack-error.ts';
import type { Template } from '../template.ts';
import { functionOf } from './lambda-uri.ts';
import { addChild, createNode } from './resource-tree.ts';
import type { ResourceNode } from './resource-tree.ts';
import type { GatewayResponse, RestApi, RestAuthorizer, RestMethod } from './rest-api.ts';

const texts = v.record(v.string(), v.string());
const RestApiProperties = v.object({ BinaryMediaTypes: v.optional(v.array(v.string()), []) });
const Stage = v.object({ RestApiId: v.string(), StageName: v.string(), Variables: v.optional(texts) });
const ResourceProperties = v.object({ RestApiId: v.string(), ParentId: v.string(), PathPart: v.string() });
const Authorizer = v.object({
  Type: v.picklist(['REQUEST', 'TOKEN'], 'the local gateway knows REQUEST and TOKEN authorizers only'),
  AuthorizerUri: v.string(),
  IdentitySource: v.optional(v.string()),
  IdentityValidationExpression: v.optional(v.string()),
  // CloudFormation's own default.
  AuthorizerResultTtlInSeconds: v.optional(v.number(), 300),
});
const MethodProperties = v.object({
  ResourceId: v.string(),
  HttpMethod: v.string(),
  AuthorizationType: v.optional(
    v.picklist(['NONE', 'CUSTOM'], 'the local gateway knows NONE and CUSTOM only'),
    'NONE',
  ),
  AuthorizerId: v.optional(v.string()),
  ApiKeyRequired: v.optional(v.literal(false, 'the local gateway knows no usage plans')),
  RequestParameters: v.optional(v.record(v.string(), v.boolean()), {}),
  RequestValidatorId: v.optional(v.string()),
  RequestModels: v.optional(v.never('the local gateway validates no request models')),
  Integration: v.object({
    Type: v.literal('AWS_PROXY', 'the local gateway knows Lambda proxy integrations only'),
    Uri: v.string(),
    TimeoutInMillis: v.optional(v.number(), 29_000),
  }),
});
const Validator = v.object({ ValidateRequestParameters: v.optional(v.boolean(), false) });
const Response = v.object({
  ResponseType: v.string(),
  StatusCode: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(Number))),
  ResponseParameters: v.optional(texts, {}),
  ResponseTemplates: v.optional(texts, {}),
});

/** The REST API of the template; undefined where it has none. */
export function readRestApi(template: Template): RestApi | undefined {
  const [api, ...others] = template.resources('AWS::ApiGateway::RestApi', RestApiProperties);
  if (!api) return undefined;
  if (others.length > 0) throw new StackError('the local gateway serves one REST API, the template has more');
  const stage = template
    .resources('AWS::ApiGateway::Stage', Stage)
    .find(({ properties }) => properties.RestApiId === api.ref)?.properties;
  if (!stage) throw new StackError(`${api.logicalId} has no stage`);
  const root = createNode<RestMethod>(`${api.ref}-root`, '/');
  const nodes = readResources(template, root);
  readMethods(template, nodes);
  return {
    id: api.ref,
    stage: stage.StageName,
    stageVariables: stage.Variables ?? null,
    root,
    responses: readResponses(template),
    binaryMediaTypes: api.properties.BinaryMediaTypes,
  };
}

function readResources(
  template: Template,
  root: ResourceNode<RestMethod>,
): Map<string, ResourceNode<RestMethod>> {
  const resources = new Map(
    template
      .resources('AWS::ApiGateway::Resource', ResourceProperties)
      .map((each) => [each.ref, each.properties]),
  );
  const nodes = new Map([[root.id, root]]);
  const nodeOf = (id: string): ResourceNode<RestMethod> => {
    const known = nodes.get(id);
    if (known) return known;
    const resource = resources.get(id);
    if (!resource) throw new StackError(`the template refers to the resource ${id}, which is not in it`);
    const node = addChild(nodeOf(resource.ParentId), id, resource.PathPart);
    nodes.set(id, node);
    return node;
  };
  for (const id of resources.keys()) nodeOf(id);
  return nodes;
}

function readMethods(template: Template, nodes: ReadonlyMap<string, ResourceNode<RestMethod>>): void {
  const authorizers = readAuthorizers(template);
  const validators = new Map(
    template
      .resources('AWS::ApiGateway::RequestValidator', Validator)
      .map(({ ref, properties }) => [ref, properties.ValidateRequestParameters]),
  );
  for (const { logicalId, properties } of template.resources('AWS::ApiGateway::Method', MethodProperties)) {
    const {
      AuthorizationType: type,
      AuthorizerId: id,
      Integration,
      RequestParameters: parameters,
    } = properties;
    const authorizer = type === 'CUSTOM' ? authorizers.get(id ?? '') : undefined;
    // Closed by default: a method whose authorizer is gone must not come up without one.
    if (type === 'CUSTOM' && !authorizer)
      throw new StackError(`${logicalId}: its authorizer ${id} is not in the template`);
    const validates = validators.get(properties.RequestValidatorId ?? '') ?? false;
    nodes.get(properties.ResourceId)?.methods.set(properties.HttpMethod, {
      functionName: functionOf(Integration.Uri),
      ...(authorizer && { authorizer }),
      requiredParameters: validates ? Object.keys(parameters).filter((name) => parameters[name]) : [],
      timeout: Integration.TimeoutInMillis,
    });
  }
}

function readAuthorizers(template: Template): ReadonlyMap<string, RestAuthorizer> {
  return new Map(
    template.resources('AWS::ApiGateway::Authorizer', Authorizer).map(({ logicalId, ref, properties }) => {
      const { Type: kind, IdentitySource: source, IdentityValidationExpression: pattern } = properties;
      const identitySources = source ? source.split(',').map((each) => each.trim()) : [];
      const ttl = properties.AuthorizerResultTtlInSeconds;
      if (identitySources.length === 0 && (ttl > 0 || kind === 'TOKEN')) {
        throw new StackError(`${logicalId}: API Gateway refuses this authorizer without an identity source`);
      }
      const authorizer: RestAuthorizer = {
        id: ref,
        kind,
        functionName: functionOf(properties.AuthorizerUri),
        identitySources,
        ttl,
        ...(pattern !== undefined && { validation: new RegExp(`^(?:${pattern})$`) }),
      };
      return [ref, authorizer];
    }),
  );
}

const readResponses = (template: Template): ReadonlyMap<string, GatewayResponse> =>
  new Map(
    template.resources('AWS::ApiGateway::GatewayResponse', Response).map(({ properties }) => {
      const prefix = 'gatewayresponse.header.';
      const headers = Object.entries(properties.ResponseParameters).filter(([name]) =>
        name.startsWith(prefix),
      );
      const response: GatewayResponse = {
        ...(properties.StatusCode !== undefined && { status: properties.StatusCode }),
        headers: new Map(headers.map(([name, source]) => [name.slice(prefix.length), source])),
        templates: new Map(Object.entries(properties.ResponseTemplates)),
      };
      return [properties.ResponseType, response];
    }),
  );
