import { apiKey } from '../support/api-key.ts';
import { compactCache, cookieHeader, signedToken } from '../support/cookie.ts';
import type { Sent } from '../support/event.ts';
import { jws } from '../support/jws.ts';
import { acme, claims, cookieNames, header, nowSeconds, secretOf, trustedOrigin } from '../support/world.ts';
import { digest } from '../support/world/place.ts';
import { iso, type Kind, type Violation } from './violations.ts';

type Row = Readonly<Record<string, unknown>> & { readonly pk: string; readonly sk: string };

/** A request of somebody of their own, with what is in the table for it: good, but for what is violated. */
export interface Attempt {
  readonly sent: Partial<Sent>;
  readonly rows: readonly Row[];
}

/** What a credential consists of. */
interface Presented {
  readonly headers: Readonly<Record<string, string>>;
  readonly cookie?: string;
  readonly rows: readonly Row[];
}

let count = 0;

export function attempt(kind: Kind, wrong: Violation): Attempt {
  count += 1;
  const name = String(count).padStart(8, '0');
  const userId = `User${name}`.padEnd(32, '0');
  const present = { api_key: presentKey, session: presentSession, extension_token: presentToken }[kind];
  const { headers, cookie, rows } = present(wrong, name, userId);
  const member = {
    pk: `member.userId#${userId}`,
    sk: acme.id,
    id: `Member${name}`,
    userId,
    organizationId: acme.id,
    role: wrong.role ?? 'member',
    createdAt: iso(nowSeconds - 1000),
  };
  const revocation = { pk: `revocation#user#${userId}`, sk: '#', minIssuedAt: nowSeconds + 60 };
  return {
    sent: {
      method: 'GET',
      path: '/v1/whoami',
      ...wrong.request,
      ...(cookie === undefined ? {} : { cookie }),
      headers: {
        ...headers,
        ...(wrong.twoCredentials ? { 'X-Api-Key': 'one', Authorization: 'Bearer another' } : {}),
        ...(wrong.tenant === undefined ? {} : { 'X-Tenant-Id': wrong.tenant }),
        ...(wrong.oversized ? { 'X-Padding': 'x'.repeat(11_000) } : {}),
        ...wrong.headers,
      },
    },
    rows: [...rows, ...(wrong.membership === false ? [] : [member]), ...(wrong.revoked ? [revocation] : [])],
  };
}

function presentKey(wrong: Violation, name: string, userId: string): Presented {
  const key = apiKey(wrong.key === 'of another stage' ? 'test' : 'live', `D${name}`);
  const row = {
    pk: `apikey#${digest(key)}`,
    sk: '#',
    id: `Key${name}`,
    configId: 'default',
    referenceId: userId,
    enabled: true,
    rateLimitEnabled: false,
    createdAt: iso(nowSeconds - 1000),
    ...wrong.row,
  };
  return {
    headers: { 'X-Api-Key': wrong.key === 'malformed' ? `${key}x` : key },
    rows: wrong.rowMissing ? [] : [row],
  };
}

function presentSession(wrong: Violation, name: string, userId: string): Presented {
  const token = `Token${name}`.padEnd(32, '0');
  const row = {
    pk: `session#${digest(token)}`,
    sk: '#',
    id: `Session${name}`,
    token,
    userId,
    activeOrganizationId: acme.id,
    expiresAt: iso(nowSeconds + 1000),
    createdAt: iso(nowSeconds - 1000),
    updatedAt: iso(nowSeconds - 1000),
    ...wrong.row,
  };
  return {
    headers: { Origin: trustedOrigin },
    ...(wrong.cookie === 'missing' ? {} : { cookie: cookieOf(wrong, token) }),
    rows: wrong.rowMissing ? [] : [row],
  };
}

function cookieOf({ cookie }: Violation, token: string): string {
  const secret = secretOf('session-signing');
  const good = signedToken(token, cookie === 'forged' ? 'of-somebody-else-0123456789-0123' : secret);
  const session = cookieHeader({ [cookieNames.token]: cookie === 'unsigned' ? token : good });
  const cache = (expiresAt: number): string =>
    cookieHeader({ [cookieNames.data]: compactCache({}, expiresAt, secret) });
  if (cookie === 'cache twice') return [session, cache(1), cache(2)].join('; ');
  if (cookie !== 'twice') return session;
  return [session, cookieHeader({ [cookieNames.token]: signedToken(`${token}x`, secret) })].join('; ');
}

function presentToken(wrong: Violation, name: string, userId: string): Presented {
  const extension = wrong.installation === false ? 'com.example.absent' : claims.extension_id;
  const payload = {
    ...claims,
    aud: extension,
    extension_id: extension,
    sub: userId,
    userId,
    jti: `jti-${name}`.padEnd(22, '0'),
    ...wrong.claims,
  };
  const secret = wrong.token === 'forged' ? 'of-somebody-else-0123456789-0123' : secretOf('token-signing');
  const head = wrong.token === 'malformed' ? { ...header, crit: ['exp'] } : header;
  return { headers: { Authorization: `Bearer ${jws(head, payload, secret)}` }, rows: [] };
}
