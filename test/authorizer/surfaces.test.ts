import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { httpIam } from '../../lambda/surfaces/http-iam.ts';
import { httpV1 } from '../../lambda/surfaces/http-v1.ts';
import { http } from '../../lambda/surfaces/http.ts';
import type { Surface } from '../../lambda/surfaces/surface.ts';
import { scenarios, type Scenario } from '../scenarios.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { httpEvent, httpV1Event, type Sent } from '../support/event.ts';
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

type EventOf = (sent: Sent) => unknown;
const surfaces: readonly (readonly [string, Surface<object>, EventOf])[] = [
  ['HTTP API, payload 1.0', httpV1, httpV1Event],
  ['HTTP API, payload 2.0 with policies', httpIam, httpEvent],
  ['HTTP API, payload 2.0 with simple answers', http, httpEvent],
];
const rows = Object.values(scenarios).flat();

describe.each(surfaces)('%s decides as REST does:', (_, surface, eventOf) => {
  test.each(rows.map((row): [string, Scenario] => [row.name, row]))(
    '%s',
    async (_name, { sent, expected }) => {
      const answer = await world.serve(surface)(eventOf(sent));
      const context = 'allow' in expected ? expected.allow : { reason: expected.deny };
      expect(answer).toMatchObject({ context });
      expect(allows(answer, `${api}/${sent.method}${sent.path}`)).toBe('allow' in expected);
      expect(world.lines.filter(({ event }) => event === 'decision')).toMatchObject([
        { effect: 'allow' in expected ? 'allow' : 'deny', surface: surface.name },
      ]);
    },
  );
});

interface Policy {
  readonly Statement: Parameters<typeof isAllowed>[0]['Statement'];
}

const isPolicy = (value: unknown): value is Policy =>
  typeof value === 'object' && value !== null && 'Statement' in value;

/** What the gateway does with an answer: only a real `true` lets a request through. */
function allows(answer: object, resource: string): boolean {
  if ('isAuthorized' in answer) return answer.isAuthorized === true;
  return (
    'policyDocument' in answer &&
    isPolicy(answer.policyDocument) &&
    isAllowed(answer.policyDocument, resource)
  );
}
