import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import type { Authorizer } from '../../lambda/authorizer/authorizer.ts';
import { routeTable } from '../../lambda/core/route-table.ts';
import { routes, type Route, type RouteMethod } from '../../lambda/core/routes.ts';
import type { IamAnswer } from '../../lambda/surfaces/iam-answer.ts';
import { httpIam, httpV1, rest, websocket } from '../../lambda/surfaces/index.ts';
import type { Surface } from '../../lambda/surfaces/surface.ts';
import { apiKey } from '../support/api-key.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { cookieHeader, signedToken } from '../support/cookie.ts';
import { httpEvent, httpV1Event, restEvent, type Sent } from '../support/event.ts';
import { websocketEvent } from '../support/event-websocket.ts';
import { isAllowed } from '../support/iam.ts';
import { api } from '../support/request.ts';
import { newKey, type TestKey } from '../support/limited-key.ts';
import { cookieNames, cookieOf, liveExtension, secretOf, tokenWith } from '../support/world.ts';
import { acme, alice, digest, id, iso, markOf, nowSeconds } from '../support/world/place.ts';

const now = nowSeconds * 1000;
const eve = id('UserEve');
const key = apiKey('live', 'EveKey');
const sessionToken = id('SessionEve');
const indices = Array.from({ length: 500 }, (_, index) => index);
const organizationId = (index: number): string => id(`OrgMany${String(index).padStart(3, '0')}`);
const slugOf = (index: number): string => `an-organization-with-a-slug-of-some-length-${index}`;
/** The organization a key resolves to: the earliest membership, though not the first by id. */
const first = 250;
const last = 499;

const since = (index: number): string => iso(now - (index === first ? 2_000_000 : 1_000_000));

const organizations = indices.flatMap((index) => [
  {
    pk: `organization#${organizationId(index)}`,
    sk: '#',
    id: organizationId(index),
    slug: slugOf(index),
    name: 'One of many',
    createdAt: iso(now - 1000),
  },
  {
    pk: `organization.slug#${slugOf(index)}`,
    sk: '#',
    refPk: `organization#${organizationId(index)}`,
    refSk: '#',
  },
  {
    pk: `member.userId#${eve}`,
    sk: organizationId(index),
    id: id(`MemberMany${index}`),
    userId: eve,
    organizationId: organizationId(index),
    role: 'owner',
    createdAt: since(index),
  },
  {
    pk: `member.userId.createdAt#${eve}`,
    sk: `${since(index)}#${organizationId(index)}`,
    refPk: `member.userId#${eve}`,
    refSk: organizationId(index),
  },
  {
    pk: `installation#${organizationId(index)}`,
    sk: liveExtension,
    organizationId: organizationId(index),
    extensionId: liveExtension,
    name: liveExtension,
    origins: [],
    enabled: true,
    scopes: ['realtime:connect'],
  },
]);
const credentials = [
  {
    pk: `apikey#${digest(key)}`,
    sk: '#',
    id: id('KeyEve'),
    configId: 'default',
    key: digest(key),
    referenceId: eve,
    enabled: true,
    rateLimitEnabled: false,
    likelyOrganizationId: organizationId(first),
    likelyMark: `${id(`MemberMany${first}`)} 0`,
    createdAt: iso(now - 1000),
  },
  {
    pk: `session#${digest(sessionToken)}`,
    sk: '#',
    id: id('SessionIdEve'),
    token: sessionToken,
    userId: eve,
    activeOrganizationId: organizationId(last),
    expiresAt: iso(now + 86_400_000),
    createdAt: iso(now - 1000),
    updatedAt: iso(now - 1000),
  },
];

/** 300 routes, of which each answer would have to name every one: 300 × 60 bytes are over 8,192. */
const methods: readonly RouteMethod[] = ['GET', 'POST', 'PUT'];
const more: readonly Route[] = Array.from({ length: 300 - routes.length }, (_, index) => ({
  method: methods[index % methods.length] ?? 'GET',
  path: `/v1/resources-${index}/{entity}`,
  accepts: ['session', 'api_key', 'extension_token'],
  endpoint: 'whoami',
}));
const table = routeTable([...routes, ...more]);

let world: TestAuthorizer;
/** Of somebody in two organizations. */
let few: TestKey;
beforeAll(async () => {
  world = await startAuthorizer();
  await put(world.engine.client, world.table, [...organizations, ...credentials]);
  few = newKey(world);
  await few.store({
    rateLimitEnabled: false,
    likelyOrganizationId: acme.id,
    likelyMark: markOf(alice, acme.id),
  });
}, 30_000);
afterAll(() => world.stop());

const cookie = cookieHeader({ [cookieNames.token]: signedToken(sessionToken, secretOf('session-signing')) });
const token = tokenWith({
  sub: eve,
  userId: eve,
  orgId: organizationId(last),
  aud: liveExtension,
  extension_id: liveExtension,
  scopes: ['realtime:connect'],
});
type Presented = Pick<Sent, 'headers' | 'cookie'>;
interface Case {
  readonly presented: Presented;
  /** Index of the organization that is found. */
  readonly organization: number;
  /** Requests to DynamoDB at most. */
  readonly reads: number;
}

/** A slug is compared with a hundred organizations at a time. */
const comparisons = 500 / 100;
const cases: readonly (readonly [name: string, case_: Case])[] = [
  ['a key', { presented: { headers: { 'x-api-key': key } }, organization: first, reads: 3 }],
  [
    'a key in the last of them by slug',
    {
      presented: { headers: { 'x-api-key': key, 'x-tenant-id': slugOf(last) } },
      organization: last,
      reads: 4 + comparisons,
    },
  ],
  [
    'a key in the last of them by id',
    {
      presented: { headers: { 'x-api-key': key, 'x-tenant-id': organizationId(last) } },
      organization: last,
      reads: 5,
    },
  ],
  ['a session', { presented: { cookie }, organization: last, reads: 3 }],
  [
    'a session in another of them',
    {
      presented: { cookie, headers: { 'x-tenant-id': slugOf(7) } },
      organization: 7,
      reads: 4 + comparisons,
    },
  ],
  ['a token', { presented: { headers: { authorization: `Bearer ${token}` } }, organization: last, reads: 3 }],
];

const surfaces: readonly (readonly [Surface<IamAnswer>, (sent: Sent) => unknown])[] = [
  [websocket, websocketEvent],
  [rest, restEvent],
  [httpV1, httpV1Event],
  [httpIam, httpEvent],
];

describe.each(surfaces)('a user in 500 organizations of an API with 300 routes', (surface, eventOf) => {
  /** A new process: nothing cached. */
  const serve = (): Authorizer<IamAnswer> => {
    const authority: MeteredAuthority = { ...world.compose(), table };
    return world.serve(surface, authority);
  };
  const isWebSocket = surface.name === 'websocket';
  const asked = isWebSocket ? `${api}/$connect` : `${api}/GET/v1/resources-0/contact`;
  // A handshake is built from the credentials alone.
  const path = '/v1/resources-0/contact';
  const request = { method: 'GET', path, resource: '/v1/resources-0/{entity}' };
  const readsOf = async (presented: Presented): Promise<unknown> => {
    await serve()(eventOf({ ...request, ...presented }));
    return world.lines.at(-1)?.['reads'];
  };

  test.each(cases)(
    `gets an answer of at most 8,192 bytes (${surface.name}): %s`,
    async (_, { presented, organization: index, reads }) => {
      const answer = await serve()(eventOf({ ...request, ...presented }));
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThanOrEqual(8192);
      expect(isAllowed(answer.policyDocument, asked)).toBe(true);
      expect(answer.context).toMatchObject({
        organizationId: organizationId(index),
        organizationSlug: slugOf(index),
        userId: eve,
      });
      expect(world.lines.at(-1)?.['reads']).toBeLessThanOrEqual(reads);
    },
  );

  test(`costs as many reads as one in two organizations (${surface.name})`, async () => {
    expect(await readsOf({ headers: { 'x-api-key': key } })).toBe(
      await readsOf({ headers: { 'x-api-key': few.key } }),
    );
    expect(await readsOf({ cookie })).toBe(await readsOf({ cookie: cookieOf('alice') }));
  });
});

test('the policy of all 300 routes would not have fitted: it is cut, and to the route that was asked for', async () => {
  const serve = (authority: MeteredAuthority) => world.serve(rest, authority);
  const sent = { method: 'GET', path: '/v1/whoami', headers: { 'x-api-key': key } };
  const whole = await serve(world.compose())(restEvent(sent));
  const cut = await serve({ ...world.compose(), table })(restEvent(sent));
  expect(whole.policyDocument.Statement.flatMap(({ Resource }) => Resource).length).toBeGreaterThan(1);
  expect(cut.policyDocument.Statement).toEqual([
    { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: [`${api}/GET/v1/whoami`] },
  ]);
});
