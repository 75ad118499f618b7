import { createHash } from 'node:crypto';
import { start } from '../clock.ts';

/**
 * One world for every test of whole decisions: organizations, people, credentials, and the rows they have in
 * the identity table, in its layout as documented. Everything is fixed, and the time is `start`.
 */
export const second = 1000;
const hour = 3600 * second;
export const day = 24 * hour;
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

export const id = (name: string): string => name.padEnd(32, '0');

export const acme = { id: id('OrgAcme'), slug: 'acme-corp' };
export const globex = { id: id('OrgGlobex'), slug: 'globex' };
/** Exists, and nobody of these people is in it. */
export const initech = { id: id('OrgInitech'), slug: 'initech' };

export const alice = id('UserAlice');
export const bob = id('UserBob');
export const carol = id('UserCarol');
export const dave = id('UserDave');

export interface Row {
  readonly pk: string;
  readonly sk: string;
  readonly [attribute: string]: unknown;
}

export const iso = (time: number): string => new Date(time).toISOString();
export const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export const organizationRows = [acme, globex, initech].flatMap((organization): Row[] => [
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

const memberId = (userId: string, organizationId: string): string =>
  `${userId.slice(4, 9)}${organizationId}`.slice(0, 32);

/** By which a first membership is known again; no more were counted, since these rows were not made one by one. */
export const markOf = (userId: string, organizationId: string): string =>
  `${memberId(userId, organizationId)} 0`;

/** A membership's row, and its place among its user's by age. */
const member = (userId: string, organizationId: string, role: string, since: number): readonly Row[] => [
  {
    pk: `member.userId#${userId}`,
    sk: organizationId,
    id: memberId(userId, organizationId),
    userId,
    organizationId,
    role,
    createdAt: iso(since),
  },
  {
    pk: `member.userId.createdAt#${userId}`,
    sk: `${iso(since)}#${organizationId}`,
    refPk: `member.userId#${userId}`,
    refSk: organizationId,
  },
];

export const memberRows = [
  ...member(alice, globex.id, 'member', start - 10 * day),
  ...member(alice, acme.id, 'owner', start - 20 * day),
  ...member(bob, acme.id, 'member', start - 10 * day),
  ...member(dave, acme.id, 'auditor', start - 10 * day),
];
