import type { Sent } from '../support/event.ts';
import { globex, initech, nowSeconds } from '../support/world.ts';

/** What is wrong. Of two violations that concern one thing, the one of the earlier check stands. */
export interface Violation {
  readonly oversized?: true;
  readonly twoCredentials?: true;
  readonly headers?: Readonly<Record<string, string>>;
  readonly request?: Pick<Sent, 'method' | 'path' | 'resource'>;
  readonly key?: 'malformed' | 'of another stage';
  readonly row?: Readonly<Record<string, unknown>>;
  readonly rowMissing?: true;
  readonly revoked?: true;
  readonly cookie?: 'twice' | 'missing' | 'cache twice' | 'unsigned' | 'forged';
  readonly token?: 'malformed' | 'forged';
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly installation?: false;
  readonly role?: string;
  readonly tenant?: string;
  readonly membership?: false;
}

/** @param epoch seconds */
export const iso = (epoch: number): string => new Date(epoch * 1000).toISOString();

const records = { method: 'GET', path: '/v1/records/contact', resource: '/v1/records/{entity}' };
const action = { method: 'POST', path: '/api/actions/execute' };
const nowhere = { method: 'GET', path: '/v1/nowhere' };

/** Checks of every credential, by the names that docs/security.md gives them. */
const size: Violation = { oversized: true };
const ambiguousTenant: Violation = { tenant: 'acme-corp,globex' };
const foreignTenant: Violation = { tenant: initech.id };
const noMembership: Violation = { membership: false };
const route: Violation = { request: nowhere };
const revoked: Violation = { revoked: true };

export type Kind = 'api_key' | 'session' | 'extension_token';
type Checks = ReadonlyMap<string, Violation>;

/** In the order of a decision. */
export const violations: { readonly [Each in Kind]: Checks } = {
  api_key: new Map<string, Violation>([
    ['size', size],
    ['one credential', { twoCredentials: true }],
    ['form', { key: 'malformed' }],
    ['stage', { key: 'of another stage' }],
    ['row', { rowMissing: true }],
    ['enabled', { row: { enabled: false } }],
    ['end', { row: { expiresAt: iso(nowSeconds - 10) } }],
    ['revocation', revoked],
    ['remaining uses', { row: { remaining: 0 } }],
    [
      'rate limit',
      {
        row: {
          rateLimitEnabled: true,
          rateLimitMax: 1,
          rateLimitTimeWindow: 60_000,
          requestCount: 1,
          lastRequest: iso(nowSeconds),
        },
      },
    ],
    ['one tenant', ambiguousTenant],
    ['that organization', foreignTenant],
    ['an organization', noMembership],
    ['route', route],
    ['address', { row: { allowedAddresses: ['198.51.100.0/24'] } }],
    ['kind', { request: action }],
    ['scope', { request: records, row: { permissions: '{}' } }],
  ]),
  session: new Map<string, Violation>([
    ['size', size],
    ['one cookie', { cookie: 'twice' }],
    ['a cookie', { cookie: 'missing' }],
    ['one cookie cache', { cookie: 'cache twice' }],
    ['form', { cookie: 'unsigned' }],
    ['signature', { cookie: 'forged' }],
    ['row', { rowMissing: true }],
    ['end', { row: { expiresAt: iso(nowSeconds - 10) } }],
    ['revocation', revoked],
    ['one tenant', ambiguousTenant],
    ['that organization', foreignTenant],
    ['an organization', { row: { activeOrganizationId: undefined } }],
    ['route', route],
    ['kind', { request: action }],
    ['origin', { headers: { Origin: 'https://evil.test' } }],
    ['scope', { request: records, role: 'auditor' }],
  ]),
  extension_token: new Map<string, Violation>([
    ['size', size],
    ['one credential', { twoCredentials: true }],
    ['form', { token: 'malformed' }],
    ['signature', { token: 'forged' }],
    ['claims', { claims: { aud: 'another' } }],
    ['not ahead', { claims: { nbf: nowSeconds + 90 } }],
    ['end', { claims: { iat: nowSeconds - 400, exp: nowSeconds - 100 } }],
    ['revocation', revoked],
    ['installation', { installation: false }],
    ['one tenant', ambiguousTenant],
    ['membership', noMembership],
    ['its own organization', { tenant: globex.id }],
    ['route', route],
    ['kind', { request: records }],
    ['scope', { request: action, claims: { scopes: ['records:read'] } }],
  ]),
};

/** Both violations at once. @param first of the earlier check */
export const both = (first: Violation, then: Violation): Violation => ({
  ...then,
  ...first,
  ...((first.row ?? then.row) ? { row: { ...then.row, ...first.row } } : {}),
  ...((first.claims ?? then.claims) ? { claims: { ...then.claims, ...first.claims } } : {}),
  ...((first.headers ?? then.headers) ? { headers: { ...then.headers, ...first.headers } } : {}),
});
