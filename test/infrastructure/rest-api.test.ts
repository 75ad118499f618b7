import { afterAll, describe, expect, test } from '@jest/globals';
import { identityPath, routes } from '../../lambda/core/routes.ts';
import { endpointFunctions } from './endpoint-functions.ts';
import { functionIn, methodsOf } from './rest-routes.ts';
import { only, synthesize } from './synthesized.ts';
import { permissionsOf } from './v2-routes.ts';

const stack = synthesize();
afterAll(stack.remove);

const methods = methodsOf(stack);
const listed = routes.filter(({ method }) => method !== '$connect');
const paths = [...new Set([...listed.map(({ path }) => path), identityPath])];

describe('routes of the REST API', () => {
  const authorizer = only(stack.ofType('AWS::ApiGateway::Authorizer'));

  test.each(listed)('$method $path exists once, behind the authorizer, with its own endpoint', (route) => {
    expect(only(methods, ({ method, path }) => method === route.method && path === route.path)).toEqual({
      method: route.method,
      path: route.path,
      authorizationType: 'CUSTOM',
      authorizer: authorizer.id,
      handler: endpointFunctions[route.endpoint],
    });
  });

  test.each(paths)('OPTIONS %s is answered by the preflight function without an authorizer', (path) => {
    expect(only(methods, (each) => each.path === path && each.method === 'OPTIONS')).toEqual({
      method: 'OPTIONS',
      path,
      authorizationType: 'NONE',
      handler: 'Preflight',
    });
  });

  test('Better Auth serves everything under its path, without an authorizer', () => {
    expect(only(methods, ({ method }) => method === 'ANY')).toEqual({
      method: 'ANY',
      path: identityPath,
      authorizationType: 'NONE',
      handler: 'Identity',
    });
  });

  test('there is no method besides those of the route table, their preflights and Better Auth', () => {
    expect(methods).toHaveLength(listed.length + paths.length + 1);
  });

  test('no method takes AWS signatures: an unmatched route is the only cause of an error about one', () => {
    expect(methods.filter(({ authorizationType }) => authorizationType === 'AWS_IAM')).toEqual([]);
  });
});

describe('the REST authorizer', () => {
  const { Properties: authorizer } = only(stack.ofType('AWS::ApiGateway::Authorizer'));

  test('asks its function for every request: no answer is cached', () => {
    expect(authorizer.AuthorizerResultTtlInSeconds).toBe(0);
  });

  test('sees requests that lack any given header: there is no identity source', () => {
    expect(authorizer).not.toHaveProperty('IdentitySource');
  });

  test('is a REQUEST authorizer served by the export `rest`', () => {
    expect(authorizer.Type).toBe('REQUEST');
    expect(functionIn(authorizer.AuthorizerUri)).toBe('RestAuthorizer');
    expect(stack.resources.RestAuthorizer?.Properties.Handler).toBe('index.rest');
  });
});

describe('the stage', () => {
  const { Properties: stage } = only(stack.ofType('AWS::ApiGateway::Stage'));

  test('never writes headers or bodies to a log', () => {
    for (const setting of stage.MethodSettings) expect(setting.DataTraceEnabled).toBe(false);
    expect(stage.MethodSettings).toHaveLength(1);
  });

  test('limits the requests of all callers together, on every method', () => {
    const setting = only<Readonly<Record<string, unknown>>>(stage.MethodSettings);
    expect(setting).toMatchObject({
      HttpMethod: '*',
      ResourcePath: '/*',
      ThrottlingRateLimit: 1000,
      ThrottlingBurstLimit: 2000,
    });
  });

  test('is traced', () => {
    expect(stage.TracingEnabled).toBe(true);
  });
});

describe('before the API', () => {
  test('each address may only make so many requests, and far fewer to Better Auth', () => {
    const { Rules: rules } = only(stack.ofType('AWS::WAFv2::WebACL')).Properties;
    const limits = rules.map(
      (rule: { Statement: { RateBasedStatement: { Limit: number } } }) =>
        rule.Statement.RateBasedStatement.Limit,
    );
    expect(limits).toEqual([1_500, 30_000]);
    expect(rules[0].Statement.RateBasedStatement.ScopeDownStatement.ByteMatchStatement.SearchString).toBe(
      '/api/auth/',
    );
  });

  test('the web ACL stands before the stage and samples no requests', () => {
    const stage = only(stack.ofType('AWS::ApiGateway::Stage'));
    expect(JSON.stringify(only(stack.ofType('AWS::WAFv2::WebACLAssociation')).Properties)).toContain(
      stage.id,
    );
    expect(stack.text).not.toContain('"SampledRequestsEnabled": true');
  });

  test('API Gateway may call a function only for the method or authorizer it stands behind', () => {
    const permissions = permissionsOf(stack, only(stack.ofType('AWS::ApiGateway::RestApi')));
    expect(permissions).toHaveLength(methods.length + 1);
    for (const { Principal, SourceArn } of permissions) {
      expect(Principal).toBe('apigateway.amazonaws.com');
      expect(JSON.stringify(SourceArn)).toMatch(
        /\/authorizers\/|\/(GET|POST|PUT|DELETE|OPTIONS|\*)\/(v1|api)\//,
      );
    }
  });
});
