import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { denialClass } from '../../lambda/core/denial.ts';
import * as surfaces from '../../lambda/surfaces/index.ts';
import type { Context } from '../../lambda/surfaces/context.ts';
import { Unauthorized, type Surface } from '../../lambda/surfaces/surface.ts';
import { scenarios, type Expected, type OtherSurface, type Scenario } from '../scenarios.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { httpEvent, httpV1Event, requestId, restEvent, type Sent } from '../support/event.ts';
import { restTokenEvent } from '../support/event-token.ts';
import { websocketEvent } from '../support/event-websocket.ts';
import { isAllowed } from '../support/iam.ts';
import { api } from '../support/request.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.lines.length = 0;
});

interface Answer {
  readonly context: Context;
  readonly principalId?: string;
  readonly policyDocument?: Parameters<typeof isAllowed>[0];
  readonly isAuthorized?: boolean;
}

/** One way in which API Gateway asks. */
interface Door {
  readonly name: string;
  readonly surface: Surface<Answer>;
  readonly eventOf: (sent: Sent) => unknown;
  /** Is a credential that is missing or bad a failure (the gateway's 401), or an answer like any other refusal? */
  readonly throws: boolean;
  readonly other?: OtherSurface;
  /** The routes it has. @default all */
  readonly carries?: (sent: Sent) => boolean;
  /** What the gateway looks for in a policy. @default method and path */
  readonly resourceOf?: (sent: Sent) => string;
}

const doors: readonly Door[] = [
  { name: 'REST', surface: surfaces.rest, eventOf: restEvent, throws: true },
  {
    name: 'REST, TOKEN',
    surface: surfaces.restToken,
    eventOf: restTokenEvent,
    throws: true,
    other: 'rest-token',
  },
  { name: 'HTTP, payload 1.0', surface: surfaces.httpV1, eventOf: httpV1Event, throws: false },
  { name: 'HTTP, payload 2.0 with policies', surface: surfaces.httpIam, eventOf: httpEvent, throws: false },
  { name: 'HTTP, payload 2.0, simple', surface: surfaces.http, eventOf: httpEvent, throws: false },
  {
    name: 'WebSocket',
    surface: surfaces.websocket,
    eventOf: websocketEvent,
    throws: true,
    other: 'websocket',
    // It has one route: of the rows that are about others only the way to them would be left.
    carries: ({ path, resource }) => path === '/v1/whoami' && resource === undefined,
    resourceOf: () => `${api}/$connect`,
  },
];

const allRows = Object.values(scenarios).flat();
const rowsOf = ({ carries = () => true }: Door): readonly Scenario[] =>
  allRows.filter(({ sent }) => carries(sent));
const expectedAt = ({ other }: Door, { expected, elsewhere }: Scenario): Expected =>
  (other && elsewhere[other]) ?? expected;

/** What the gateway does with an answer: only a real `true` lets a request through. */
const letsIn = ({ isAuthorized, policyDocument }: Answer, resource: string): boolean =>
  policyDocument ? isAllowed(policyDocument, resource) : isAuthorized === true;

describe.each(doors)('$name:', (door) => {
  const { surface, eventOf, throws, resourceOf = ({ method, path }) => `${api}/${method}${path}` } = door;

  test.each(rowsOf(door).map((row): [string, Scenario] => [row.name, row]))('%s', async (_name, row) => {
    const expected = expectedAt(door, row);
    const answer = world.serve(surface)(eventOf(row.sent));
    if ('deny' in expected && throws && denialClass(expected.deny) === 'unauthenticated') {
      await expect(answer).rejects.toThrow(new Unauthorized());
    } else {
      const given = await answer;
      const isAllow = 'allow' in expected;
      expect(given.context).toMatchObject(isAllow ? expected.allow : { reason: expected.deny });
      expect(letsIn(given, resourceOf(row.sent))).toBe(isAllow);
      // Anything but scalars is a 500 of the gateway.
      for (const value of Object.values(given.context)) {
        expect(['string', 'number', 'boolean']).toContain(typeof value);
      }
      if (isAllow && given.policyDocument) expect(given.principalId).toBe(principalOf(given.context));
    }
    expect(world.lines.filter(({ event }) => event === 'decision')).toMatchObject([
      {
        surface: surface.name,
        // A TOKEN event has no request id.
        requestId: door.other === 'rest-token' ? '' : requestId,
        ...('allow' in expected ? { effect: 'allow' } : { effect: 'deny', reason: expected.deny }),
      },
    ]);
  });
});

const principalOf = ({ userId, organizationId }: Context): string =>
  userId === undefined ? `organization:${String(organizationId)}` : `user:${String(userId)}`;

test('at least 60 rows are put to every surface, and every name is one row’s', () => {
  for (const door of doors) expect(rowsOf(door).length).toBeGreaterThanOrEqual(60);
  expect(new Set(allRows.map(({ name }) => name)).size).toBe(allRows.length);
});

test('an answer is marked as another one only where it is another', () => {
  const { session: _unseenAsAWhole, ...groups } = scenarios;
  for (const { name, expected, elsewhere } of Object.values(groups).flat()) {
    for (const other of Object.values(elsewhere)) {
      expect([name, JSON.stringify(other)]).not.toEqual([name, JSON.stringify(expected)]);
    }
  }
});

test('an organization key has no user and no role in its context', async () => {
  const row = allRows.find(({ name }) => name.startsWith("an organization's key has no user"));
  const { context } = await world.serve(surfaces.rest)(restEvent(row?.sent ?? { method: '', path: '' }));
  expect(Object.keys(context).sort()).toEqual([
    'credentialId',
    'credentialKind',
    'organizationId',
    'organizationSlug',
    'scopes',
  ]);
});
