import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { restEvent } from '../support/event.ts';
import { api } from '../support/request.ts';
import { cookieOf, keyOf, trustedOrigin } from '../support/world.ts';

let world: TestAuthorizer;
let authority: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
  authority = world.compose();
});
afterAll(() => world.stop());

const event = (given: object = {}) => ({ ...restEvent({ method: 'GET', path: '/v1/whoami' }), ...given });
async function outcomeOf(given: object): Promise<unknown> {
  await Promise.allSettled([world.serve(rest, authority)(event(given))]);
  const line = world.lines.at(-1);
  return line?.['reason'] ?? line?.['effect'];
}
const key = keyOf('alice');

describe('an event as API Gateway and its consoles send it', () => {
  test.each<[string, object, string]>([
    ['no headers: null', { headers: null, multiValueHeaders: null }, 'credential_missing'],
    ['no headers: empty', { headers: {}, multiValueHeaders: {} }, 'credential_missing'],
    ['no headers: absent', { headers: undefined, multiValueHeaders: undefined }, 'credential_missing'],
    ['single values alone', { headers: { 'x-api-key': key }, multiValueHeaders: undefined }, 'allow'],
    ['lists alone', { headers: undefined, multiValueHeaders: { 'x-api-key': [key] } }, 'allow'],
    [
      'names in other cases in the two',
      { headers: { 'X-API-KEY': key }, multiValueHeaders: { 'x-api-key': [key] } },
      'allow',
    ],
    [
      'another value in each of the two',
      { headers: { 'x-api-key': key }, multiValueHeaders: { 'x-api-key': [keyOf('bob')] } },
      'credential_ambiguous',
    ],
    [
      'a credential of null',
      { headers: { authorization: null, cookie: cookieOf('alice') }, multiValueHeaders: {} },
      'credential_malformed',
    ],
    [
      'a credential of no values',
      { headers: { cookie: cookieOf('alice') }, multiValueHeaders: { authorization: [] } },
      'credential_malformed',
    ],
    [
      'cookies in two headers',
      { headers: {}, multiValueHeaders: { Cookie: ['a=b', cookieOf('alice')] } },
      'allow',
    ],
    ['no resource', { headers: { 'x-api-key': key }, resource: undefined }, 'allow'],
    ['no request context', { headers: { 'x-api-key': key }, requestContext: undefined }, 'allow'],
    [
      'a path that is not the one of the ARN: base-path mapping',
      { headers: { 'x-api-key': key }, path: '/crm/v1/whoami' },
      'allow',
    ],
    [
      'the ARN of the root',
      { headers: { 'x-api-key': key }, methodArn: `${api}/GET/`, resource: '/' },
      'route_unlisted',
    ],
    [
      'an ARN without a path',
      { headers: { 'x-api-key': key }, methodArn: `${api}/GET`, resource: '/' },
      'route_unlisted',
    ],
    [
      'an ARN of another partition',
      { headers: { 'x-api-key': key }, methodArn: `${api.replace('aws', 'aws-us-gov')}/GET/v1/whoami` },
      'allow',
    ],
    [
      'an ARN whose path has a line break',
      { headers: { 'x-api-key': key }, methodArn: `${api}/GET/v1/whoami\n` },
      'route_unlisted',
    ],
    [
      'an ARN of 1,600 bytes',
      { headers: { 'x-api-key': key }, methodArn: `${api}/GET/${'x'.repeat(1520)}` },
      'route_unlisted',
    ],
  ])('%s', async (_, given, outcome) => expect(await outcomeOf(given)).toBe(outcome));
});

describe('a refusal tells a page', () => {
  const refused = (origin: string) =>
    world.serve(
      rest,
      authority,
    )(restEvent({ method: 'GET', path: '/v1/nothing', headers: { 'x-api-key': key, origin } }));

  test('of a trusted origin that it may read it', async () => {
    expect((await refused(trustedOrigin)).context).toEqual({
      reason: 'route_unlisted',
      allowOrigin: trustedOrigin,
    });
  });

  test('of another origin nothing that it sent', async () => {
    expect((await refused('https://evil.test')).context).toEqual({ reason: 'route_unlisted' });
  });
});
