import { jws } from '../jws.ts';
import { acme, alice, betterAuthUrl, globex, initech, nowSeconds, secretOf, type Row } from './place.ts';

export const extension = 'com.example.mail-merge';
/** May open WebSockets, and nothing else. */
export const liveExtension = 'com.example.live';
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

export const installationRows = [
  installation(acme.id, extension),
  installation(acme.id, liveExtension, { scopes: ['realtime:connect'] }),
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
