import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { decided, patientProcess } from '../support/patient.ts';
import { cachedCookieOf, cookieNames, cookieOf, tokenOf } from '../support/world.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());

/** Reads of the store besides: by them it shows whether the cache answered. */
async function of(cookie: string): Promise<readonly [string, number]> {
  const by = patientProcess(world);
  return [await decided(by, world, { cookie }), by.reads()];
}
const fromCache = ['allow', 1] as const;
const fromRow = ['allow', 2] as const;

const pairs = cachedCookieOf('alice').split('; ');
const token = pairs.find((pair) => pair.startsWith(`${cookieNames.token}=`)) ?? '';
const data = pairs.find((pair) => pair.startsWith(`${cookieNames.data}=`)) ?? '';
const value = data.slice(data.indexOf('=') + 1);
const half = Math.floor(value.length / 2);
const chunks = [
  `${cookieNames.data}.0=${value.slice(0, half)}`,
  `${cookieNames.data}.1=${value.slice(half)}`,
];

test('the cookies that every one below differs from are allowed, the cache answering', async () => {
  expect(await of(`${token}; ${data}`)).toEqual(fromCache);
  expect(await of([token, ...chunks].join('; '))).toEqual(fromCache);
  expect(await of([...chunks.toReversed(), token].join('; '))).toEqual(fromCache);
});

describe('a cookie cache sent twice', () => {
  test.each([
    ['whole', [data, `${data}x`]],
    ['whole, the good one last', [`${data}x`, data]],
    ['in chunks, the first', [...chunks, `${chunks[0]}x`]],
    ['in chunks, the last', [`${chunks[1]}x`, ...chunks]],
  ])('with different values is refused, without a read: %s', async (_, sent) => {
    expect(await of([token, ...sent].join('; '))).toEqual(['credential_ambiguous', 0]);
  });

  test('with one value is one', async () => {
    expect(await of([token, data, data].join('; '))).toEqual(fromCache);
    expect(await of([token, ...chunks, ...chunks].join('; '))).toEqual(fromCache);
  });
});

describe('a cookie cache is only a miss', () => {
  const other = cachedCookieOf('alice', { of: 'bob' }).split('; ')[1] ?? '';
  const [sessionValue = ''] = token.split('=').slice(1);
  test.each([
    ['when a chunk is missing', [chunks[0]]],
    ['when its first chunk is missing', [chunks[1]]],
    ['when a chunk has another number', [chunks[0], chunks[1]?.replace('.1=', '.2=')]],
    ['when a chunk has a number of two digits for one', [chunks[0], chunks[1]?.replace('.1=', '.01=')]],
    ['when it is of another session', [other]],
    ['when it is the session cookie’s value', [`${cookieNames.data}=${sessionValue}`]],
    ['when it is empty', [`${cookieNames.data}=`]],
    ['when it is named without __Secure-', [data.replace('__Secure-', '')]],
  ])('%s', async (_, sent) => expect(await of([token, ...sent].join('; '))).toEqual(fromRow));
});

describe('a session cookie is none', () => {
  test.each([
    ['when it is named without __Secure-', token.replace('__Secure-', ''), 'credential_missing'],
    ['when it is named __Host-', token.replace('__Secure-', '__Host-'), 'credential_missing'],
    ['when its name is in another case', token.replace('better-auth', 'Better-Auth'), 'credential_missing'],
    ['when its value is the cache’s', `${cookieNames.token}=${value}`, 'credential_malformed'],
    ['when it has no signature', `${cookieNames.token}=${tokenOf('alice')}`, 'credential_malformed'],
  ])('%s, whatever the cache says', async (_, sent, reason) => {
    expect(await of(`${sent}; ${data}`)).toEqual([reason, 0]);
  });

  test('when it is the bare name beside the good one: the good one counts', async () => {
    expect(await of(`${token.replace('__Secure-', '')}x; ${cookieOf('alice')}`)).toEqual(fromRow);
  });
});

test('with http only the bare names are read', async () => {
  const bare = patientProcess(world, { STAGE: 'dev', BETTER_AUTH_URL: 'http://127.0.0.1:3000' });
  const http = `${token}; ${data}`.replaceAll('__Secure-', '');
  expect(await decided(bare, world, { cookie: http })).toBe('allow');
  expect(await decided(bare, world, { cookie: `${token}; ${data}` })).toBe('credential_missing');
});
