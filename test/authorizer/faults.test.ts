import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { authority } from '../../lambda/authorizer/authority.ts';
import { authorizer, type Authorizer } from '../../lambda/authorizer/authorizer.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import type { IamAnswer } from '../../lambda/surfaces/iam-answer.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { startFront, type DynamodbFront } from '../support/dynamodb-front.ts';
import { restEvent } from '../support/event.ts';
import { cachedCookieOf, cookieOf, environment, keyOf, tokenWith } from '../support/world.ts';

let world: TestAuthorizer;
let front: DynamodbFront;
let serve: Authorizer<IamAnswer>;
beforeEach(async () => {
  world = await startAuthorizer();
  front = await startFront(world.engine.endpoint);
  const secrets = world.secrets.client();
  const config = readConfig({ ...environment, AUTH_TABLE_NAME: world.table });
  const clients = { dynamodb: front.client, secretsManager: () => secrets };
  serve = authorizer(rest, authority(config, clients, world.clock), world.clock, (line) =>
    world.lines.push(line),
  );
});
afterEach(() => Promise.all([front.stop(), world.stop()]));

const whoami = (headers: Record<string, string>, cookie?: string) =>
  restEvent({ method: 'GET', path: '/v1/whoami', headers, ...(cookie === undefined ? {} : { cookie }) });
const requests: readonly (readonly [string, unknown])[] = [
  ['an API key', whoami({ 'x-api-key': keyOf('alice') })],
  ['a session', whoami({}, cookieOf('alice'))],
  ['a session with a cookie cache', whoami({}, cachedCookieOf('alice'))],
  ['an extension token', whoami({ authorization: `Bearer ${tokenWith()}` })],
];

describe('a dependency that fails is a Fault: never a 401, never a Deny, and within the deadline', () => {
  test.each(
    requests.flatMap(([name, event]) =>
      (['fail', 'hang', 'stall', 'throttle'] as const).map((mode) => [name, mode, event] as const),
    ),
  )('%s, DynamoDB: %s', async (_, mode, event) => {
    front.mode = mode;
    const before = performance.now();
    await expect(serve(event)).rejects.toMatchObject({ name: 'Fault', kind: 'store' });
    expect(performance.now() - before).toBeLessThan(1500);
    expect(world.lines).toMatchObject([
      { event: 'fault', kind: 'store' },
      { event: 'decision', effect: 'fault', Faults: 1 },
    ]);
    front.mode = 'pass';
    await expect(serve(event)).resolves.toMatchObject({ context: { organizationSlug: 'acme-corp' } });
  });

  test.each(
    requests
      .slice(1)
      .flatMap(([name, event]) => (['fail', 'hang'] as const).map((mode) => [name, mode, event] as const)),
  )('%s, Secrets Manager: %s', async (_, mode, event) => {
    world.secrets.mode = mode;
    const before = performance.now();
    await expect(serve(event)).rejects.toMatchObject({ name: 'Fault', kind: 'secret' });
    expect(performance.now() - before).toBeLessThan(1500);
    world.secrets.mode = 'answer';
    world.clock.advance(1000);
    await expect(serve(event)).resolves.toMatchObject({ context: { organizationSlug: 'acme-corp' } });
  });

  test('an API key needs no secret', async () => {
    world.secrets.mode = 'fail';
    await expect(serve(requests[0]?.[1])).resolves.toMatchObject({ context: { credentialKind: 'api_key' } });
  });

  test('what is refused without a read is refused while everything is down', async () => {
    await serve(requests[1]?.[1]);
    front.mode = 'hang';
    world.secrets.mode = 'hang';
    await expect(serve(whoami({}))).rejects.toThrow(/^Unauthorized$/);
    await expect(serve(whoami({ 'x-api-key': 'malformed' }))).rejects.toThrow(/^Unauthorized$/);
    await expect(serve(whoami({ authorization: 'Bearer a.b.c' }))).rejects.toThrow(/^Unauthorized$/);
  });
});

test('a Fault that leaves the authorizer carries no cause: it may quote what was sent, and Lambda logs it', async () => {
  front.mode = 'fail';
  const error: unknown = await serve(requests[0]?.[1]).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ name: 'Fault', message: 'DynamoDB did not answer' });
  expect(error).not.toHaveProperty('cause');
});

describe('an event that is none is a Fault', () => {
  const good = restEvent({ method: 'GET', path: '/v1/whoami', headers: { 'x-api-key': keyOf('alice') } });
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'event'],
    ['a list', [good]],
    ['empty', {}],
    ['of type TOKEN', { ...good, type: 'TOKEN' }],
    ['without a method ARN', { ...good, methodArn: undefined }],
    [
      'with an ARN of another service',
      { ...good, methodArn: 'arn:aws:s3:us-east-1:123456789012:a/prod/GET/v1/whoami' },
    ],
    [
      'with a star for its API',
      { ...good, methodArn: 'arn:aws:execute-api:us-east-1:123456789012:*/prod/GET/v1/whoami' },
    ],
    [
      'with a star for its stage',
      { ...good, methodArn: 'arn:aws:execute-api:us-east-1:123456789012:a1/*/GET/v1/whoami' },
    ],
    [
      'with a star for its method',
      { ...good, methodArn: 'arn:aws:execute-api:us-east-1:123456789012:a1/prod/*/v1/whoami' },
    ],
    ['with two methods', { ...good, httpMethod: 'POST' }],
    ['with headers that are a list', { ...good, headers: ['x-api-key'] }],
    ['with a header that is a number', { ...good, headers: { 'x-api-key': 1 } }],
    ['with a header that is an object', { ...good, headers: { 'x-api-key': { toString: 'x' } } }],
    ['with values that are no list', { ...good, multiValueHeaders: { 'x-api-key': keyOf('alice') } }],
    ['with a value that is a list', { ...good, multiValueHeaders: { 'x-api-key': [[keyOf('alice')]] } }],
  ])('%s', async (_, event) => {
    await expect(serve(event)).rejects.toMatchObject({ name: 'Fault', kind: 'event' });
    expect(world.lines.at(-1)).toMatchObject({ event: 'decision', effect: 'fault' });
    expect(front.operations).toEqual([]);
  });
});
