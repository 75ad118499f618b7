import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { authContext } from '../../lambda/context/auth-context.ts';
import { callerContext, httpEvent, restEvent } from '../support/endpoint-call.ts';

const request = { method: 'GET', route: '/v1/whoami' };
const context = callerContext();

describe('the authorizer context', () => {
  test('is the same from a REST, an HTTP 1.0, an HTTP 2.0 and a WebSocket event', () => {
    const rest = restEvent({ ...request, context });
    const websocket = {
      requestContext: {
        ...rest.requestContext,
        eventType: 'MESSAGE',
        connectionId: 'c',
        routeKey: '$default',
      },
      body: '{}',
    };
    const first = {
      version: '1.0',
      httpMethod: 'GET',
      requestContext: { authorizer: { ...context, principalId: 'user:u' } },
    };
    for (const event of [rest, first, httpEvent({ ...request, context }), websocket]) {
      expect(authContext(event)).toEqual(context);
    }
  });

  test('has a number where REST hands on text', () => {
    expect(authContext(restEvent({ ...request, context }))?.expiresAt).toBe(1_900_000_000);
  });

  test('of an organization key names neither user nor role', () => {
    const {
      userId: _user,
      role: _role,
      expiresAt: _at,
      ...key
    } = callerContext({ credentialKind: 'api_key' });
    expect(authContext(restEvent({ ...request, context: key }))).toEqual(key);
  });

  test('carries nothing the gateway or another authorizer added', () => {
    const event = restEvent({ ...request, context });
    const claims = { ...event.requestContext.authorizer, claims: { sub: 'x' }, isAdmin: 'true' };
    expect(
      authContext({ ...event, requestContext: { ...event.requestContext, authorizer: claims } }),
    ).toEqual(context);
  });

  test.each([
    ['no authorizer', {}],
    ['another authorizer', { principalId: 'me', claims: { sub: 'u' } }],
    ['an empty answer of payload 2.0', { lambda: null }],
    ['no organization', { ...context, organizationId: '' }],
    ['an unknown kind of credential', { ...context, credentialKind: 'password' }],
    ['no scopes', { ...context, scopes: undefined }],
    ['scopes that are no text', { ...context, scopes: ['*'] }],
    ['a user that is no text', { ...context, userId: { id: 'u' } }],
    ['an empty role', { ...context, role: '' }],
    ['an expiry that is no time', { ...context, expiresAt: 'tomorrow' }],
    ['a negative expiry', { ...context, expiresAt: -1 }],
  ])('is none at all with %s', (_, authorizer) => {
    expect(authContext({ requestContext: { authorizer } })).toBeUndefined();
  });

  test('is not found anywhere but in requestContext: a client cannot send one', () => {
    const event = restEvent({ ...request, headers: { authorizer: JSON.stringify(context) }, body: context });
    expect(authContext({ ...event, authorizer: context, lambda: context })).toBeUndefined();
  });

  test('is never read from an inherited member', () => {
    expect(authContext({ requestContext: { authorizer: Object.create(context) } })).toBeUndefined();
  });

  test('never throws, whatever the event is', () => {
    fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (event) => void authContext(event)));
    fc.assert(
      fc.property(fc.anything(), (authorizer) => {
        expect(() => authContext({ requestContext: { authorizer } })).not.toThrow();
      }),
    );
  });
});
