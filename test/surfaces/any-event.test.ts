import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Fault } from '../../lambda/core/fault.ts';
import type { Authorizer } from '../../lambda/authorizer/authorizer.ts';
import * as surfaces from '../../lambda/surfaces/index.ts';
import { Unauthorized, type Surface } from '../../lambda/surfaces/surface.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { httpEvent, httpV1Event, restEvent, type Event, type Sent } from '../support/event.ts';
import { restTokenEvent } from '../support/event-token.ts';
import { websocketEvent } from '../support/event-websocket.ts';
import { runs } from '../support/runs.ts';
import { keyOf } from '../support/world.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.lines.length = 0;
});

interface Door {
  readonly surface: Surface<object>;
  readonly eventOf: (sent: Sent) => Event;
  /** Is a failure with the message `Unauthorized` one of its answers? */
  readonly throws: boolean;
}

const doors: readonly (readonly [string, Door])[] = [
  ['REST', { surface: surfaces.rest, eventOf: restEvent, throws: true }],
  ['REST, TOKEN', { surface: surfaces.restToken, eventOf: restTokenEvent, throws: true }],
  ['HTTP, payload 1.0', { surface: surfaces.httpV1, eventOf: httpV1Event, throws: false }],
  ['HTTP, payload 2.0 with policies', { surface: surfaces.httpIam, eventOf: httpEvent, throws: false }],
  ['HTTP, payload 2.0, simple', { surface: surfaces.http, eventOf: httpEvent, throws: false }],
  ['WebSocket', { surface: surfaces.websocket, eventOf: websocketEvent, throws: true }],
];

const policy = {
  principalId: expect.stringMatching(/^(?:user:|organization:)|^anonymous$/),
  policyDocument: { Version: '2012-10-17', Statement: expect.any(Array) },
};

describe.each(doors)('%s: whatever the event is,', (_, { surface, eventOf, throws }) => {
  let serve: Authorizer<object>;
  beforeAll(() => {
    serve = world.serve(surface);
  });
  const whoami: Sent = { method: 'GET', path: '/v1/whoami' };

  /** What it said, when that is one of the answers of its surface and the one that was recorded. */
  async function effectOf(event: unknown): Promise<unknown> {
    const before = world.lines.length;
    const answer = await serve(event).then(
      (value) => ({ value }),
      (cause: unknown) => ({ cause }),
    );
    const decisions = world.lines.slice(before).filter(({ event: name }) => name === 'decision');
    expect(decisions).toHaveLength(1);
    const effect = decisions[0]?.['effect'];
    if ('cause' in answer) {
      const isUnauthorized = answer.cause instanceof Unauthorized;
      if (isUnauthorized) expect([throws, effect]).toEqual([true, 'deny']);
      else {
        expect(answer.cause).toBeInstanceOf(Fault);
        expect(answer.cause).not.toMatchObject({ message: 'Unauthorized' });
        expect(effect).toBe('fault');
      }
      return effect;
    }
    // A real boolean, and the same that was recorded: the gateway lets through whatever it takes for true.
    if (surface === surfaces.http) expect(answer.value).toMatchObject({ isAuthorized: effect === 'allow' });
    else expect(answer.value).toMatchObject(policy);
    expect(Buffer.byteLength(JSON.stringify(answer.value))).toBeLessThanOrEqual(8192);
    return effect;
  }

  const replacing = (good: Event) =>
    fc
      .tuple(fc.constantFrom(...Object.keys(good)), fc.option(fc.jsonValue(), { nil: undefined }))
      .map(([name, value]): unknown => Object.assign({}, good, { [name]: value }));

  test('without a credential it is never an allow', async () => {
    const events = fc.oneof(fc.jsonValue(), replacing(eventOf(whoami)));
    await fc.assert(
      fc.asyncProperty(events, async (event) => expect(await effectOf(event)).not.toBe('allow')),
      runs(150),
    );
  });

  test('the answer is one of its API’s, also where it carries a good credential', async () => {
    const good = eventOf({ ...whoami, headers: { 'x-api-key': keyOf('alice'), 'x-filling': 'x' } });
    expect(await effectOf(good)).toBe('allow');
    await fc.assert(
      fc.asyncProperty(replacing(good), async (event) => {
        expect(['allow', 'deny', 'fault']).toContain(await effectOf(event));
      }),
      runs(150),
    );
  });

  test('an event of another surface is a fault, and never taken for one of its own', async () => {
    const isLike = (other: Door): boolean => {
      const [a, b] = [eventOf(whoami), other.eventOf(whoami)];
      return a['type'] === b['type'] && 'methodArn' in a === 'methodArn' in b;
    };
    for (const [, other] of doors.filter(([, each]) => !isLike(each))) {
      const event = other.eventOf({ ...whoami, headers: { 'x-api-key': keyOf('alice') } });
      expect([other.surface.name, await effectOf(event)]).toEqual([other.surface.name, 'fault']);
    }
  });
});
