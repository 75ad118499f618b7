import { afterAll, describe, expect, test } from '@jest/globals';
import { identityPath, routes } from '../../lambda/core/routes.ts';
import { endpointFunctions } from './endpoint-functions.ts';
import { functionIn } from './rest-routes.ts';
import { only, synthesize } from './synthesized.ts';
import { apiOf, partsOf, permissionsOf, routesOf } from './v2-routes.ts';

const stack = synthesize();
afterAll(stack.remove);

const api = apiOf(stack, 'HTTP');
const served = routesOf(stack, api);
const listed = routes.filter(({ method }) => method !== '$connect');
const paths = [...new Set([...listed.map(({ path }) => path), identityPath])];
const authorizer = only(partsOf(stack, api, 'Authorizer'));

describe('routes of the HTTP API', () => {
  test.each(listed)('$method $path exists once, behind the authorizer, with its own endpoint', (route) => {
    expect(only(served, ({ key }) => key === `${route.method} ${route.path}`)).toEqual({
      key: `${route.method} ${route.path}`,
      authorizationType: 'CUSTOM',
      authorizer: authorizer.id,
      handler: endpointFunctions[route.endpoint],
      payload: '2.0',
    });
  });

  test.each(paths)('OPTIONS %s is answered by the preflight function without an authorizer', (path) => {
    expect(only(served, ({ key }) => key === `OPTIONS ${path}`)).toMatchObject({
      authorizationType: 'NONE',
      authorizer: undefined,
      handler: 'Preflight',
    });
  });

  test('Better Auth serves everything under its path, without an authorizer, from the payload it reads', () => {
    expect(only(served, ({ key }) => key.startsWith('ANY '))).toEqual({
      key: `ANY ${identityPath}`,
      authorizationType: 'NONE',
      authorizer: undefined,
      handler: 'Identity',
      payload: '1.0',
    });
  });

  test('there is no route besides those of the route table, their preflights and Better Auth', () => {
    expect(served).toHaveLength(listed.length + paths.length + 1);
    expect(served.filter(({ key }) => key.includes('$'))).toEqual([]);
  });

  test('exactly the routes of the route table stand behind the authorizer', () => {
    expect(
      served
        .filter((route) => route.authorizationType !== 'NONE')
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(listed.map(({ method, path }) => `${method} ${path}`).toSorted());
  });
});

describe('the HTTP authorizer', () => {
  const { Properties: properties } = authorizer;

  test('asks its function for every request: no answer is cached, for this route or another', () => {
    expect(properties.AuthorizerResultTtlInSeconds).toBe(0);
  });

  test('sees requests that lack any given header: there is no identity source', () => {
    expect(properties).not.toHaveProperty('IdentitySource');
  });

  test('answers yes or no, from payload 2.0, by the export `http`', () => {
    expect(properties).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
    });
    expect(functionIn(properties.AuthorizerUri)).toBe('HttpAuthorizer');
    expect(stack.resources.HttpAuthorizer?.Properties.Handler).toBe('index.http');
  });
});

test('the API has no CORS setting: with one, the CORS headers of the functions would be dropped', () => {
  expect(api.Properties).not.toHaveProperty('CorsConfiguration');
});

describe('the stage', () => {
  const stage = only(partsOf(stack, api, 'Stage'));

  test('is `$default`, so that paths are as the route table has them, and serves what is deployed', () => {
    expect(stage.Properties).toMatchObject({ StageName: '$default', AutoDeploy: true });
  });

  test('limits the requests of all callers together, and those to Better Auth far more', () => {
    expect(stage.Properties.DefaultRouteSettings).toMatchObject({
      ThrottlingRateLimit: 1000,
      ThrottlingBurstLimit: 2000,
    });
    expect(stage.Properties.RouteSettings).toEqual({
      [`ANY ${identityPath}`]: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
  });

  test('comes after the route it has settings for: the deployment would fail', () => {
    const route = only(
      partsOf(stack, api, 'Route'),
      ({ Properties }) => Properties.RouteKey === `ANY ${identityPath}`,
    );
    expect(stage.DependsOn).toContain(route.id);
  });
});

test('API Gateway may call a function only for the path or authorizer it stands behind', () => {
  const permissions = permissionsOf(stack, api);
  expect(permissions).toHaveLength(served.length + 1);
  for (const { Principal, SourceArn } of permissions) {
    expect(Principal).toBe('apigateway.amazonaws.com');
    expect(JSON.stringify(SourceArn)).toMatch(/\/authorizers\/|\/\*\/\*\/(v1|api)\//);
  }
});
