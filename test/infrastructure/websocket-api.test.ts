import { afterAll, describe, expect, test } from '@jest/globals';
import { functionIn } from './rest-routes.ts';
import { only, synthesize } from './synthesized.ts';
import { apiOf, partsOf, permissionsOf, routesOf } from './v2-routes.ts';

const stack = synthesize({ stage: 'staging', betterAuthUrl: 'https://api.crm.example.com' });
afterAll(stack.remove);

const api = apiOf(stack, 'WEBSOCKET');
const authorizer = only(partsOf(stack, api, 'Authorizer'));
const stage = only(partsOf(stack, api, 'Stage'));

describe('routes of the WebSocket API', () => {
  const open = { authorizationType: 'NONE', authorizer: undefined, handler: 'Realtime', payload: undefined };

  test('connections are authorized; what they send and that they end is told to the same function', () => {
    expect(routesOf(stack, api).toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual([
      { ...open, key: '$connect', authorizationType: 'CUSTOM', authorizer: authorizer.id },
      { ...open, key: '$default' },
      { ...open, key: '$disconnect' },
    ]);
  });

  test('each may be called by API Gateway for itself alone', () => {
    const sources = permissionsOf(stack, api).map(({ SourceArn }) => JSON.stringify(SourceArn));
    expect(sources).toHaveLength(4);
    for (const route of ['$connect', '$default', '$disconnect'])
      expect(sources.filter((source) => source.includes(`/*${route}"`))).toHaveLength(1);
    expect(sources.filter((source) => source.includes('/authorizers/'))).toHaveLength(1);
  });
});

describe('the WebSocket authorizer', () => {
  test('sees connections that lack any given header: there is no identity source', () => {
    expect(authorizer.Properties).not.toHaveProperty('IdentitySource');
  });

  test('is a REQUEST authorizer served by the export `websocket`', () => {
    expect(authorizer.Properties.AuthorizerType).toBe('REQUEST');
    expect(functionIn(authorizer.Properties.AuthorizerUri)).toBe('WebSocketAuthorizer');
    expect(stack.resources.WebSocketAuthorizer?.Properties.Handler).toBe('index.websocket');
  });
});

describe('the stage', () => {
  test('is called as the deployment is, and serves what is deployed', () => {
    expect(stage.Properties).toMatchObject({ StageName: 'staging', AutoDeploy: true });
    expect(JSON.stringify(stack.outputs.WebSocketUrl?.Value)).toMatch(/"wss:\/\/".*"\/staging"/);
  });

  test('never writes messages to a log, and limits the events of all connections together', () => {
    expect(stage.Properties.DefaultRouteSettings).toEqual({
      DetailedMetricsEnabled: true,
      ThrottlingRateLimit: 1000,
      ThrottlingBurstLimit: 2000,
    });
  });

  test('comes after the routes: an API without any is not deployed', () => {
    const routes = partsOf(stack, api, 'Route').map(({ id }) => id);
    expect(stage.DependsOn).toEqual(expect.arrayContaining(routes));
  });
});

test('the function sends and closes at the address of this API and stage, whatever an event says', () => {
  const url = stack.resources.Realtime?.Properties.Environment.Variables.WEBSOCKET_MANAGEMENT_URL;
  expect(url['Fn::Join'][1]).toEqual([
    'https://',
    { Ref: api.id },
    '.execute-api.',
    { Ref: 'AWS::Region' },
    '.',
    { Ref: 'AWS::URLSuffix' },
    '/staging',
  ]);
});
