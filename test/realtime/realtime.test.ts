import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { acme, alice, bob, keyIdOf, nowSeconds, sessionIdOf } from '../support/world.ts';
import { extension, presented, startRealtime, type Kind, type RealtimeWorld } from './world.ts';

let world: RealtimeWorld;
beforeEach(async () => {
  world = await startRealtime();
});
afterEach(() => world.stop());

const kinds: readonly Kind[] = ['session', 'apiKey', 'organizationKey', 'extensionToken'];
const sent = (): unknown => {
  const [call = '', ...others] = world.gateway.calls;
  expect(others).toEqual([]);
  return JSON.parse(call.replace('POST connection=1 ', ''));
};

describe('$connect', () => {
  test.each([
    ['crm.v1', true],
    ['crm.v1, bearer.aaa.bbb.ccc', true],
    ['bearer.aaa.bbb.ccc,crm.v1', true],
    ['bearer.aaa.bbb.ccc', false],
    ['graphql-ws', false],
    ['CRM.V1', false],
    ['crm.v1.1', false],
    ['', false],
  ])('offered "%s": only our own subprotocol is chosen', async (offered, chosen) => {
    const connection = await world.open(presented.apiKey);
    expect(await connection.connect()).toEqual({ statusCode: 200 });
    const answer = await world.handle({
      headers: { 'sec-websocket-protocol': offered },
      requestContext: {
        eventType: 'CONNECT',
        connectionId: 'c',
        connectedAt: world.clock(),
        authorizer: connection.context,
      },
    });
    expect(answer).toEqual({
      statusCode: 200,
      ...(chosen ? { headers: { 'Sec-WebSocket-Protocol': 'crm.v1' } } : {}),
    });
  });

  test('a browser that connects with a token is answered our subprotocol, and never its token', async () => {
    const { connect } = await world.open(presented.extensionToken);
    const answer = await connect();
    expect(answer).toEqual({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'crm.v1' } });
    expect(JSON.stringify(answer)).not.toContain('bearer');
  });

  test('is refused where no authorizer let it in', async () => {
    await expect(world.unauthorized().connect()).rejects.toThrow('no authorizer context');
    expect(world.lines).toEqual([expect.objectContaining({ event: 'fault', kind: 'event' })]);
  });

  test('costs no read: the authorizer has just decided', async () => {
    const { connect, disconnect } = await world.open(presented.session);
    world.front.operations.length = 0;
    await connect();
    await disconnect();
    expect(world.front.operations).toEqual([]);
    expect(world.gateway.calls).toEqual([]);
  });
});

describe('a message', () => {
  test.each(kinds)('is answered with what the authorizer said: %s', async (kind) => {
    const { context, message } = await world.open(presented[kind]);
    expect(await message()).toEqual({ statusCode: 200 });
    expect(sent()).toEqual(context);
    expect(world.gateway.signed).toBe(true);
  });

  test('numbers are numbers, and no credential is in it', async () => {
    await (await world.open(presented.session)).message();
    expect(sent()).toEqual({
      organizationId: acme.id,
      organizationSlug: acme.slug,
      userId: alice,
      role: 'owner',
      credentialKind: 'session',
      credentialId: sessionIdOf('alice'),
      scopes: '*',
      expiresAt: nowSeconds + 24 * 3600,
    });
  });

  test('a key by its id, an extension by its name', async () => {
    await (await world.open(presented.apiKey)).message();
    expect(sent()).toMatchObject({ userId: bob, credentialId: keyIdOf('bob') });
    world.gateway.calls.length = 0;
    await (await world.open(presented.extensionToken)).message();
    expect(sent()).toMatchObject({ extensionId: extension, scopes: 'realtime:connect records:read' });
  });

  test('whatever it says, it is no handshake: a client chooses its route, not what has happened', async () => {
    const { context } = await world.open(presented.apiKey);
    const answer = await world.handle({
      headers: { 'Sec-WebSocket-Protocol': 'crm.v1' },
      body: '{"action":"$connect","eventType":"CONNECT"}',
      requestContext: {
        routeKey: '$connect',
        eventType: 'MESSAGE',
        connectionId: 'connection=1',
        connectedAt: world.clock(),
        authorizer: context,
      },
    });
    expect(answer).toEqual({ statusCode: 200 });
    expect(sent()).toEqual(context);
  });

  test('reads what access depends on once in 15 seconds and revocations once in 5, however much is sent', async () => {
    const { message } = await world.open(presented.apiKey);
    const requested = async (): Promise<string> => {
      world.front.bodies.length = 0;
      for (let times = 0; times < 20; times += 1) await message();
      return JSON.stringify(world.front.bodies);
    };
    expect(await requested()).toMatch(/apikey#.*member\.userId#/);
    world.clock.advance(4999);
    expect(await requested()).toBe('[]');
    world.clock.advance(1);
    const again = await requested();
    expect(again).toContain('revocation#');
    expect(again).not.toMatch(/apikey#|member\.userId#/);
    world.clock.advance(10_000);
    expect(await requested()).toMatch(/apikey#.*member\.userId#/);
  });

  test('every one of these reads is strongly consistent', async () => {
    world.front.bodies.length = 0;
    for (const kind of kinds) await (await world.open(presented[kind])).message();
    const requests = world.front.bodies.map((body) => JSON.stringify(body));
    expect(requests.length).toBeGreaterThan(5);
    expect(requests.filter((request) => !request.includes('"ConsistentRead":true'))).toEqual([]);
  });
});

test.each([
  ['nothing', undefined],
  ['an empty object', {}],
  ['an HTTP request', { version: '2.0', requestContext: { http: { method: 'GET' } } }],
  ['no connection id', { requestContext: { eventType: 'MESSAGE', connectionId: '', connectedAt: 1 } }],
  ['no moment', { requestContext: { eventType: 'MESSAGE', connectionId: 'c' } }],
  ['another event', { requestContext: { eventType: 'PING', connectionId: 'c', connectedAt: 1 } }],
])('an event that is none is a fault: %s', async (_, event) => {
  await expect(world.handle(event)).rejects.toThrow('Not the event of a WebSocket API');
  expect(world.gateway.calls).toEqual([]);
});
