import * as fc from 'fast-check';
import { callerOf } from '../../lambda/core/authorize.ts';
import type { AccessRequest, Caller, CredentialKind } from '../../lambda/core/model.ts';
import { compileOrigins } from '../../lambda/core/origin.ts';
import type { Route, RouteMethod } from '../../lambda/core/routes.ts';
import { accessRequest } from '../support/request.ts';

export const trusted = compileOrigins(['https://app.example.com']);

const kinds: readonly CredentialKind[] = ['session', 'api_key', 'extension_token'];
export const entities = ['contact', 'deal', 'a', 'a-b', 'x_1', 'execute', 'token'] as const;

const scope = fc.oneof(
  fc.constantFrom('records:read', 'records:write', 'actions:invoke', 'extensions:manage', 'extensions:use'),
  fc
    .tuple(fc.constantFrom('read', 'write'), fc.constantFrom(...entities))
    .map(([verb, entity]) => `records:${verb}:${entity}`),
  fc.constantFrom('other:thing', 'records:other', 'records:read:zzz', 'actions:invoke:contact'),
);

/** Any caller that a verified credential can become. */
export const caller: fc.Arbitrary<Caller> = fc
  .record({
    kind: fc.constantFrom(...kinds),
    scopes: fc.option(fc.array(scope, { maxLength: 5 })),
    role: fc.constantFrom('owner', 'member', 'member,auditor', 'auditor'),
    ownKey: fc.boolean(),
    // Three of four may be used from where they are.
    addressAllowed: fc.constantFrom(undefined, true, true, false),
    grant: fc.option(fc.array(scope, { maxLength: 4 }), { nil: undefined }),
  })
  .map(({ kind, scopes, role, ownKey, grant, addressAllowed }) => {
    const organization = { id: 'org-1', slug: 'acme-corp' };
    const owned = ownKey && kind === 'api_key';
    return callerOf(
      {
        owner: owned ? { kind: 'organization', id: 'org-1' } : { kind: 'user', id: 'user-1' },
        credentialKind: kind,
        credentialId: 'credential-1',
        scopes,
        ...(addressAllowed === undefined ? {} : { addressAllowed }),
      },
      owned ? { organization } : { organization, role },
      grant,
    );
  });

/** What besides method and path a decision depends on. */
export const circumstances: fc.Arbitrary<AccessRequest> = fc
  .record(
    {
      origin: fc.constantFrom('https://app.example.com', 'https://evil.test', 'null', ''),
      'sec-fetch-site': fc.constantFrom('cross-site', 'same-origin'),
    },
    { requiredKeys: [] },
  )
  .map((headers) => accessRequest({ headers: Object.fromEntries(Object.entries(headers)) }));

const value: Readonly<Record<string, fc.Arbitrary<string>>> = {
  entity: fc.oneof(fc.constantFrom(...entities), fc.stringMatching(/^[a-z][a-z0-9_-]{0,63}$/)),
  extensionId: fc.oneof(
    fc.constantFrom('com.example.mail', 'token', 'installation'),
    fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  ),
};

/** A path of a route: every parameter has a value that its pattern takes. */
export const pathOf = (route: Route): fc.Arbitrary<string> =>
  fc
    .tuple(
      ...route.path
        .split('/')
        .map((segment) => value[/^\{(.*)\}$/.exec(segment)?.[1] ?? ''] ?? fc.constant(segment)),
    )
    .map((segments) => segments.join('/'));

const methods: readonly RouteMethod[] = ['GET', 'POST'];

/** Tables as they could be written: literals and parameters side by side, nested, with and without scopes. */
export const routeList: fc.Arbitrary<readonly Route[]> = fc.uniqueArray(
  fc
    .record({
      method: fc.constantFrom(...methods),
      segments: fc.array(fc.constantFrom('a', 'contact', 'token', '{entity}', '{entity}'), {
        minLength: 1,
        maxLength: 4,
      }),
      accepts: fc.subarray([...kinds], { minLength: 1 }),
      scope: fc.constantFrom(
        undefined,
        'records:read',
        'records:write',
        'records:read:{entity}',
        'other:thing',
      ),
    })
    .filter(({ segments }) => segments.filter((segment) => segment === '{entity}').length <= 1)
    .map(({ method, segments, accepts, scope: required }): Route => {
      const path = `/${segments.join('/')}`;
      const route: Route = { method, path, accepts, endpoint: 'records' };
      if (required === undefined) return route;
      return Object.assign(route, { scope: path.includes('{') ? required : required.replace(/:\{.*/, '') });
    }),
  { minLength: 1, maxLength: 6, selector: ({ method, path }) => `${method} ${path}` },
);
