import { afterAll, describe, expect, test } from '@jest/globals';
import type { Properties } from './synthesized.ts';
import { only, synthesize } from './synthesized.ts';

const origin = 'https://crm.example.com';
const stack = synthesize({ betterAuthUrl: `${origin}/`, trustedOrigins: 'https://app.example.com' });
afterAll(stack.remove);

const responses = stack.ofType('AWS::ApiGateway::GatewayResponse').map(({ Properties }) => Properties);

const response = (type: string): Properties => only(responses, ({ ResponseType }) => ResponseType === type);
const body = (type: string): unknown => JSON.parse(response(type).ResponseTemplates['application/json']);
const header = (type: string, name: string): unknown =>
  response(type).ResponseParameters[`gatewayresponse.header.${name}`];

const requestId = '$context.requestId';
const unmatched = [
  'MISSING_AUTHENTICATION_TOKEN',
  'INVALID_SIGNATURE',
  'EXPIRED_TOKEN',
  'RESOURCE_NOT_FOUND',
];
const faults = [
  'AUTHORIZER_FAILURE',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'API_CONFIGURATION_ERROR',
  'INTEGRATION_FAILURE',
  'INTEGRATION_TIMEOUT',
  'DEFAULT_5XX',
];

describe('what API Gateway itself answers', () => {
  test('unauthenticated: 401 with a challenge and an empty reason', () => {
    expect(response('UNAUTHORIZED').StatusCode).toBe('401');
    expect(body('UNAUTHORIZED')).toEqual({ error: 'unauthorized', reason: '', requestId });
    expect(header('UNAUTHORIZED', 'WWW-Authenticate')).toBe(`'Bearer realm="crm"'`);
  });

  test('forbidden: 403 with the reason the authorizer gave', () => {
    expect(response('ACCESS_DENIED').StatusCode).toBe('403');
    expect(body('ACCESS_DENIED')).toEqual({
      error: 'forbidden',
      reason: '$context.authorizer.reason',
      requestId,
    });
  });

  test.each(faults)(
    'fault %s: 503, so that no client throws its credential away, and when to come back',
    (type) => {
      expect(response(type).StatusCode).toBe('503');
      expect(body(type)).toEqual({ error: 'unavailable', reason: '', requestId });
      expect(header(type, 'Retry-After')).toBe(`'1'`);
    },
  );

  test.each(unmatched)('no such route (%s): 404 in the shape of the endpoints', (type) => {
    expect(response(type).StatusCode).toBe('404');
    expect(body(type)).toEqual({ error: 'not_found', message: 'There is no such route.', requestId });
  });

  test.each([
    ['THROTTLED', 1],
    ['WAF_FILTERED', 60],
    ['QUOTA_EXCEEDED', 60],
  ])('too many requests (%s): 429 and to come back in %d seconds', (type, seconds) => {
    expect(response(type).StatusCode).toBe('429');
    expect(body(type)).toEqual({ error: 'rate_limited', reason: '', requestId });
    expect(header(type, 'Retry-After')).toBe(`'${seconds}'`);
  });

  test('any other refusal keeps the status API Gateway chose', () => {
    expect(response('DEFAULT_4XX')).not.toHaveProperty('StatusCode');
    expect(body('DEFAULT_4XX')).toEqual({ error: 'invalid_request', reason: '', requestId });
  });

  test('no answer quotes the request: API Gateway error texts can hold the Authorization header', () => {
    const variables = responses.flatMap(({ ResponseTemplates }) =>
      ResponseTemplates['application/json'].match(/\$[\w.]+/g),
    );
    expect(new Set(variables)).toEqual(new Set([requestId, '$context.authorizer.reason']));
  });
});

describe.each(responses.map(({ ResponseType }): string => ResponseType))('%s', (type) => {
  test('is stored by no cache', () => {
    expect(header(type, 'Cache-Control')).toBe(`'no-store'`);
  });

  test('may be read by the pages it is meant for, and no others', () => {
    const allowed = type === 'ACCESS_DENIED' ? 'context.authorizer.allowOrigin' : `'${origin}'`;
    expect(header(type, 'Access-Control-Allow-Origin')).toBe(allowed);
    expect(header(type, 'Access-Control-Allow-Credentials')).toBe(`'true'`);
    expect(header(type, 'Vary')).toBe(`'Origin'`);
  });
});
