import { createHash } from 'node:crypto';
import { apiKey } from './api-key.ts';
import { start } from './clock.ts';
import { compactCache, cookieHeader, signedToken } from './cookie.ts';
import { jws } from './jws.ts';

/**
 * One world for every test of whole decisions: organizations, people, credentials, and the rows they have in
 * the identity table, in its layout as documented. Everything is fixed, and the time is `start`.
 */
const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;
export const nowSeconds = Math.floor(start / second);

export const betterAuthUrl = 'https://api.crm.example.com';
export const trustedOrigin = 'https://app.example.com';
export const environment = {
  STAGE: 'production',
  BETTER_AUTH_URL: betterAuthUrl,
  TRUSTED_ORIGINS: 'https://app.example.com,https://*.apps.example.com',
  EXTENSION_TOKEN_SECRET_ARN: 'extension-token',
  BETTER_AUTH_SECRET_ARN: 'better-auth',
};

const key = (kid: string, signFrom: number, verifyUntil?: number) => ({
  kid,
  k: `${kid}-${'k'.repeat(40)}`,
  signFrom,
  ...(verifyUntil === undefined ? {} : { verifyUntil }),
});

/** Both rings: retired, retiring, signing and next. */
export const rings = {
  betterAuth: [
    key('session-retired', nowSeconds - 900_000, nowSeconds - 1),
    key('session-retiring', nowSeconds - 800_000, nowSeconds + 60),
    key('session-signing', nowSeconds - 700_000),
    key('session-next', nowSeconds + 600),
  ],
  extensionToken: [
    key('token-retired', nowSeconds - 90_000, nowSeconds - 1),
    key('token-retiring', nowSeconds - 80_000, nowSeconds + 60),
    key('token-signing', nowSeconds - 70_000),
    key('token-next', nowSeconds + 600),
  ],
};

/** The text of a ring's key. */
export const secretOf = (kid: string): string =>
  [...rings.betterAuth, ...rings.extensionToken].find((each) => each.kid === kid)?.k ?? '';

const id = (name: string): string => name.padEnd(32, '0');

export const acme = { id: id('OrgAcme'), slug: 'acme-corp' };
export const globex = { id: id('OrgGlobex'), slug: 'globex' };
/** Exists, and nobody of these people is in it. */
export const initech = { id: id('OrgInitech'), slug: 'initech' };

export const alice = id('UserAlice');
export const bob = id('UserBob');
export const carol = id('UserCarol');
export const dave = id('UserDave');

interface Row {
  readonly pk: string;
  readonly sk: string;
  readonly [attribute: string]: unknown;
}

const iso = (time: number): string => new Date(time).toISOString();
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

const organizationRows = [acme, globex, initech].flatMap((organization): Row[] => [
  {
    pk: `organization#${organization.id}`,
    sk: '#',
    ...organization,
    name: organization.slug,
    createdAt: iso(start - 90 * day),
  },
  {
    pk: `organization.slug#${organization.slug}`,
    sk: '#',
    refPk: `organization#${organization.id}`,
    refSk: '#',
  },
]);

const member = (userId: string, organizationId: string, role: string, since: number): Row => ({
  pk: `member.userId#${userId}`,
  sk: organizationId,
  id: `${userId.slice(4, 9)}${organizationId}`.slice(0, 32),
  userId,
  organizationId,
  role,
  createdAt: iso(since),
});

const memberRows = [
  member(alice, globex.id, 'member', start - 10 * day),
  member(alice, acme.id, 'owner', start - 20 * day),
  member(bob, acme.id, 'member', start - 10 * day),
  member(dave, acme.id, 'auditor', start - 10 * day),
];

/** Every API key: what is presented, and its row without what the key itself decides. */
const keys = {
  alice: { seed: 'AliceKey0', row: { referenceId: alice } },
  bob: { seed: 'BobKey0', row: { referenceId: bob } },
  carol: { seed: 'CarolKey0', row: { referenceId: carol } },
  dave: { seed: 'DaveKey0', row: { referenceId: dave } },
  aliceContacts: {
    seed: 'AliceContacts',
    row: { referenceId: alice, permissions: '{"records":["read:contact"]}' },
  },
  aliceNothing: { seed: 'AliceNothing', row: { referenceId: alice, permissions: '{}' } },
  aliceStar: { seed: 'AliceStar', row: { referenceId: alice, permissions: '{"*":["*"],"records":["*"]}' } },
  bobManage: {
    seed: 'BobManage',
    row: { referenceId: bob, permissions: '{"extensions":["manage"],"records":["read"]}' },
  },
  disabled: { seed: 'Disabled', row: { referenceId: alice, enabled: false } },
  expired: { seed: 'Expired', row: { referenceId: alice, expiresAt: iso(start) } },
  lastMoment: { seed: 'LastMoment', row: { referenceId: alice, expiresAt: iso(start + 1) } },
  disabledAndExpired: {
    seed: 'DisabledExpired',
    row: { referenceId: alice, enabled: false, expiresAt: iso(start - day) },
  },
  organization: {
    seed: 'Organization',
    row: {
      referenceId: acme.id,
      configId: 'organization',
      permissions: '{"records":["read"],"extensions":["manage"]}',
    },
  },
  organizationBare: { seed: 'OrganizationBare', row: { referenceId: acme.id, configId: 'organization' } },
  goneOrganization: {
    seed: 'GoneOrganization',
    row: { referenceId: id('OrgGone'), configId: 'organization', permissions: '{"records":["read"]}' },
  },
  foreignConfig: { seed: 'ForeignConfig', row: { referenceId: alice, configId: 'another' } },
  unreadable: { seed: 'Unreadable', row: { referenceId: alice, permissions: 'not json' } },
} as const;

type KeyName = keyof typeof keys;

export const keyOf = (name: KeyName): string => apiKey('live', keys[name].seed);
export const keyIdOf = (name: KeyName): string => id(`Key${name}`);
/** A key of Better Auth's default generator, with a prefix. */
export const plainKey = `legacy_${'abcdefghijklmnopqrstuvwxyzABCDEF'.repeat(2)}`;

const keyRow = (presented: string, keyId: string, given: object): Row => ({
  pk: `apikey#${digest(presented)}`,
  sk: '#',
  id: keyId,
  configId: 'default',
  key: digest(presented),
  enabled: true,
  rateLimitEnabled: false,
  createdAt: iso(start - day),
  ...given,
});

const keyNames = Object.keys(keys).filter((name): name is KeyName => name in keys);
const keyRows = [
  ...keyNames.map((name) => keyRow(keyOf(name), keyIdOf(name), keys[name].row)),
  keyRow(plainKey, id('KeyPlain'), { referenceId: bob }),
  // A key of another stage that is in the table all the same: only its text can refuse it.
  keyRow(apiKey('test', 'AliceKey0'), id('KeyTest'), { referenceId: alice }),
];

const sessions = {
  alice: { userId: alice, activeOrganizationId: acme.id, expiresAt: start + day },
  aliceInGlobex: { userId: alice, activeOrganizationId: globex.id, expiresAt: start + day },
  aliceNowhere: { userId: alice, expiresAt: start + day },
  aliceInInitech: { userId: alice, activeOrganizationId: initech.id, expiresAt: start + day },
  bob: { userId: bob, activeOrganizationId: acme.id, expiresAt: start + day },
  expired: { userId: alice, activeOrganizationId: acme.id, expiresAt: start },
} as const;

type SessionName = keyof typeof sessions | 'deleted';
export const tokenOf = (name: SessionName): string => id(`Session${name}`);
export const sessionIdOf = (name: SessionName): string => id(`SessionId${name}`);

const sessionRow = ([name, session]: [
  string,
  { readonly userId: string; readonly expiresAt: number },
]): Row => ({
  pk: `session#${digest(id(`Session${name}`))}`,
  sk: '#',
  id: id(`SessionId${name}`),
  token: id(`Session${name}`),
  ...session,
  expiresAt: iso(session.expiresAt),
  createdAt: iso(start - day),
  updatedAt: iso(start - day),
});
const sessionRows = Object.entries(sessions).map(sessionRow);

export const cookieNames = {
  token: '__Secure-better-auth-session',
  data: '__Secure-better-auth.session_data',
};

/** A Cookie header with a session's signed token. */
export const cookieOf = (name: SessionName, kid = 'session-signing'): string =>
  cookieHeader({ [cookieNames.token]: signedToken(tokenOf(name), secretOf(kid)) });

/** … and with a cookie cache. @param given what the cache says otherwise than the row */
export function cachedCookieOf(
  name: SessionName,
  given: {
    readonly session?: object;
    readonly expiresAt?: number;
    readonly kid?: string;
    readonly of?: SessionName;
  } = {},
): string {
  const cached = given.of ?? name;
  const known = cached === 'deleted' ? sessions.alice : sessions[cached];
  const session = {
    session: {
      id: sessionIdOf(cached),
      token: tokenOf(cached),
      ...known,
      expiresAt: iso(known.expiresAt),
      ...given.session,
    },
    user: { id: known.userId },
    updatedAt: start - second,
    version: '1',
  };
  const secret = secretOf(given.kid ?? 'session-signing');
  return cookieHeader({
    [cookieNames.token]: signedToken(tokenOf(name), secret),
    [cookieNames.data]: compactCache(session, given.expiresAt ?? start + 60 * second, secret),
  });
}

export const extension = 'com.example.mail-merge';
export const grant = ['records:read', 'records:write:contact', 'actions:invoke'];

const installation = (organizationId: string, extensionId: string, given: object = {}): Row => ({
  pk: `installation#${organizationId}`,
  sk: extensionId,
  organizationId,
  extensionId,
  name: extensionId,
  origins: ['https://extension.example.net'],
  enabled: true,
  scopes: grant,
  ...given,
});

const installationRows = [
  installation(acme.id, extension),
  installation(globex.id, extension, { enabled: false }),
  installation(initech.id, extension),
];

export const jti = 'jti-0123456789abcdefghij';

/** The claims of a good token of Alice's in Acme. */
export const claims = {
  iss: betterAuthUrl,
  aud: extension,
  extension_id: extension,
  sub: alice,
  userId: alice,
  orgId: acme.id,
  scopes: ['records:read', 'actions:invoke'],
  iat: nowSeconds - 10,
  exp: nowSeconds + 290,
  jti,
};

export const header = { alg: 'HS256', typ: 'ext+jwt', kid: 'token-signing' };

/** A token that differs from the good one in what is given; a claim given as `undefined` is left out. */
export const tokenWith = (given: object = {}, head: object = {}, kid = 'token-signing'): string =>
  jws({ ...header, kid, ...head }, { ...claims, ...given }, secretOf(kid));

export const rows: readonly Row[] = [
  ...organizationRows,
  ...memberRows,
  ...keyRows,
  ...sessionRows,
  ...installationRows,
];
