import { describe, expect, test } from '@jest/globals';
import { authorize, callerOf } from '../../lambda/core/authorize.ts';
import type { CredentialKind } from '../../lambda/core/model.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import { extensionIdPattern, identityPath, routes } from '../../lambda/core/routes.ts';
import { accessRequest } from '../support/request.ts';

const extension = '/v1/extensions/{extensionId}';

/** The published contract, as text: what is written here and not there, or the other way round, is a breaking change. */
const published = [
  'GET /v1/whoami: session api_key extension_token, any scope → whoami',
  'GET /v1/records/{entity}: session api_key, records:read:{entity} → records',
  'POST /v1/records/{entity}: session api_key, records:write:{entity} → records',
  'POST /api/actions/execute: extension_token, actions:invoke → actions',
  `PUT ${extension}/installation: session, extensions:manage → installations`,
  `DELETE ${extension}/installation: session, extensions:manage → installations`,
  `POST ${extension}/token: session, extensions:use → tokenIssuer`,
  '$connect /: session api_key extension_token, realtime:connect → realtime',
];

test('the routes are those of the contract, with its credentials, its scopes and its endpoints', () => {
  expect(
    routes.map(
      ({ method, path, accepts, scope, endpoint }) =>
        `${method} ${path}: ${accepts.join(' ')}, ${scope ?? 'any scope'} → ${endpoint}`,
    ),
  ).toEqual(published);
});

test('only the server of Better Auth stands behind no authorizer', () => {
  expect(identityPath).toBe('/api/auth/{proxy+}');
});

describe('a caller with one scope may make exactly the requests that need it', () => {
  const table = routeTable(routes);
  const origin = 'https://app.example.com';
  const requests = [
    ['GET', '/v1/whoami'],
    ['GET', '/v1/records/deal'],
    ['POST', '/v1/records/deal'],
    ['POST', '/api/actions/execute'],
    ['PUT', '/v1/extensions/x/installation'],
    ['DELETE', '/v1/extensions/x/installation'],
    ['POST', '/v1/extensions/x/token'],
    ['$connect', '/'],
  ] as const;
  const allowed = (kind: CredentialKind, scope: string): readonly string[] => {
    const who = callerOf(
      { owner: { kind: 'user', id: 'u' }, credentialKind: kind, credentialId: 'c', scopes: [scope] },
      { organization: { id: 'o', slug: 's' }, role: 'owner' },
    );
    return requests
      .filter(
        ([method, path]) =>
          authorize(
            who,
            accessRequest({ method, path, headers: { origin } }),
            table,
            compileOrigins([origin]),
          ).effect === 'allow',
      )
      .map(([method, path]) => `${method} ${path}`);
  };

  test.each<[CredentialKind, string, readonly string[]]>([
    ['session', 'records:read', ['GET /v1/records/deal']],
    ['session', 'records:read:deal', ['GET /v1/records/deal']],
    ['session', 'records:read:contact', []],
    ['session', 'records:write', ['POST /v1/records/deal']],
    ['api_key', 'records:write:deal', ['POST /v1/records/deal']],
    ['session', 'actions:invoke', []],
    ['extension_token', 'actions:invoke', ['POST /api/actions/execute']],
    [
      'session',
      'extensions:manage',
      ['PUT /v1/extensions/x/installation', 'DELETE /v1/extensions/x/installation'],
    ],
    ['session', 'extensions:use', ['POST /v1/extensions/x/token']],
    ['api_key', 'extensions:manage', []],
    ['extension_token', 'realtime:connect', ['$connect /']],
    ['extension_token', 'records:read', []],
    ['session', 'other:thing', []],
  ])('%s with %s', (kind, scope, more) => expect(allowed(kind, scope)).toEqual(['GET /v1/whoami', ...more]));
});

describe('an extension id', () => {
  test.each([['x'], ['0'], ['com.example.mail-merge_2'], ['x'.repeat(64)]])('may be %s', (id) => {
    expect(id).toMatch(extensionIdPattern);
  });
  test.each([[''], ['.'], ['..'], ['-x'], ['_x'], ['x'.repeat(65)], ['x/y'], ['x\n'], ['é'], ['*']])(
    'is never %j',
    (id) => expect(id).not.toMatch(extensionIdPattern),
  );
});
