import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newPerson, startOperations, type Person, type TestOperations } from '../support/authctl.ts';
import { put } from '../support/authorizer.ts';
import { httpEvent, httpV1Event, restEvent } from '../support/event.ts';

let operations: TestOperations;
let alice: Person;
let key: string;
let id: string;
beforeAll(async () => {
  operations = await startOperations();
  alice = await newPerson(operations, 'alice');
  ({ id, key } = await made());
});
afterAll(() => operations.stop());

async function made(...args: readonly string[]) {
  const { json } = await operations.authctl(
    'keys',
    'create',
    '--name',
    'test',
    '--user',
    alice.email,
    ...args,
  );
  return { id: String(json['id']), key: String(json['key']) };
}
const explain = (...args: readonly string[]) => operations.authctl('explain', ...args);
const header = (value: string) => ['-H', `x-api-key: ${value}`] as const;

test('a request that is allowed is told step by step, with who and where, and exits with 0', async () => {
  const { exit, json } = await explain('GET', '/v1/whoami?a=b', ...header(key));
  expect(exit).toBe(0);
  expect(json).toEqual({
    effect: 'allow',
    steps: [
      { step: 'classify', outcome: 'api_key', reads: 0, ms: 0 },
      { step: 'authenticate', outcome: `user:${alice.userId}`, reads: 1, ms: 0 },
      { step: 'revocation', outcome: 'not revoked', reads: expect.any(Number), ms: 0 },
      { step: 'organization', outcome: alice.slug, reads: expect.any(Number), ms: 0 },
      { step: 'authorize', outcome: 'allow', reads: 0, ms: 0 },
    ],
    principal: expect.objectContaining({
      owner: { kind: 'user', id: alice.userId },
      credentialId: id,
      credentialKind: 'api_key',
    }),
    organization: { id: alice.organizationId, slug: alice.slug },
    scopes: ['*'],
  });
});

describe('a request that is refused is told with its reason, and exits with 1:', () => {
  test.each<[string, readonly string[], string, string]>([
    ['without a credential', ['GET', '/v1/whoami'], 'credential_missing', 'classify'],
    [
      'with a malformed key',
      ['GET', '/v1/whoami', '-H', 'x-api-key: no'],
      'credential_malformed',
      'authenticate',
    ],
    [
      'with two credentials',
      ['GET', '/v1/whoami', '-H', 'x-api-key: a', '-H', 'Authorization: Bearer b'],
      'credential_ambiguous',
      'classify',
    ],
    ['for a route that is not listed', ['GET', '/v1/nothing', '-H', 'KEY'], 'route_unlisted', 'authorize'],
    [
      'for another organization',
      ['GET', '/v1/whoami', '-H', 'KEY', '-H', 'x-tenant-id: nowhere'],
      'organization_forbidden',
      'organization',
    ],
    [
      'for two organizations',
      ['GET', '/v1/whoami', '-H', 'KEY', '-H', 'x-tenant-id: a,b'],
      'organization_ambiguous',
      'authorize',
    ],
    [
      'for a WebSocket with a key it accepts',
      ['$connect', '-H', 'x-api-key: no'],
      'credential_malformed',
      'authenticate',
    ],
  ])('%s', async (_, args, reason, step) => {
    const given = args.map((each) => (each === 'KEY' ? `x-api-key: ${key}` : each));
    const { exit, json } = await explain(...given);
    expect([exit, json['effect'], json['reason']]).toEqual([1, 'deny', reason]);
    expect(Array.isArray(json['steps']) && json['steps'].at(-1)).toMatchObject({ step, outcome: reason });
  });
});

test('a row that cannot be read is a fault, told as one, and exits with 1', async () => {
  const broken = await made();
  const row = (await operations.keyRows()).find((each) => each['id'] === broken.id) ?? {};
  await put(operations.engine.client, operations.identity.tableName, [{ ...row, permissions: '{' }]);
  const { exit, json } = await explain('GET', '/v1/whoami', ...header(broken.key));
  expect([exit, json['effect'], json['reason']]).toEqual([1, 'fault', 'store']);
  expect(json['steps']).toMatchObject([{ step: 'classify' }, { step: 'authenticate', outcome: 'fault' }]);
});

test('it says what a limited key would meet, and uses nothing up', async () => {
  const limited = await made('--remaining', '1', '--rate', '1/1h');
  const row = async () => (await operations.keyRows()).find((each) => each['id'] === limited.id);
  const before = await row();
  for (const _ of [1, 2, 3])
    expect((await explain('GET', '/v1/whoami', ...header(limited.key))).json).toMatchObject({
      effect: 'allow',
    });
  expect(await row()).toEqual(before);
  expect(await operations.decide(limited.key)).toMatchObject({ effect: 'allow' });
  const used = await row();
  const spent = await explain('GET', '/v1/whoami', ...header(limited.key));
  expect(spent).toMatchObject({ exit: 1, json: { effect: 'deny', reason: 'quota_exhausted' } });
  expect(await row()).toEqual(used);
});

test('it writes nothing for a key without limits either: not even when it was last used', async () => {
  const unlimited = await made();
  await explain('GET', '/v1/whoami', ...header(unlimited.key));
  const row = (await operations.keyRows()).find((each) => each['id'] === unlimited.id) ?? {};
  expect(row).not.toHaveProperty('lastRequest');
});

test('an address list is decided by the address that is given', async () => {
  const { key: listed } = await made('--allow-ip', '192.0.2.0/24');
  const from = (address: string) =>
    explain('GET', '/v1/whoami', ...header(listed), '--source-address', address);
  expect((await from('192.0.2.9')).exit).toBe(0);
  expect((await from('198.51.100.1')).json).toMatchObject({ reason: 'address_not_allowed' });
  expect((await explain('GET', '/v1/whoami', ...header(listed))).json).toMatchObject({
    reason: 'address_not_allowed',
  });
});

describe('an event of API Gateway is explained, whichever API it comes from:', () => {
  const sent = () => ({ method: 'GET', path: '/v1/whoami', headers: { 'x-api-key': key } });
  test.each<[string, () => object]>([
    ['REST', () => restEvent(sent())],
    ['HTTP, payload 1.0', () => httpV1Event(sent())],
    ['HTTP, payload 2.0', () => httpEvent(sent())],
    [
      'REST, one header',
      () => ({
        type: 'TOKEN',
        methodArn: String(restEvent(sent())['methodArn']),
        authorizationToken: `Bearer ${key}`,
      }),
    ],
  ])('%s', async (_, event) => {
    const ran = await operations.plain(JSON.stringify(event()), 'explain', '--event', '-', '--json');
    expect(ran).toMatchObject({ exit: 0, json: { effect: 'allow' } });
    const file = join(operations.directory, 'event.json');
    await writeFile(file, JSON.stringify(event()));
    expect(await explain('--event', file)).toMatchObject({ exit: 0, json: { effect: 'allow' } });
  });
});

describe('no output quotes a secret:', () => {
  const secret = 'hunter2-hunter2-hunter2-hunter2-hunter2';
  test.each<[string, string, readonly string[]]>([
    ['a header', '', ['explain', 'GET', '/v1/whoami', '-H', `x-api-key: ${secret}`]],
    ['a header without a colon', '', ['explain', 'GET', '/v1/whoami', '-H', secret]],
    ['an event that is no JSON', `{"x-api-key": "${secret}"`, ['explain', '--event', '-']],
    ['an event of no API', JSON.stringify({ headers: { 'x-api-key': secret } }), ['explain', '--event', '-']],
    ['a cookie', '', ['explain', 'GET', '/v1/whoami', '-H', `Cookie: better-auth-session=${secret}`]],
    ['a token', '', ['explain', 'GET', '/v1/whoami', '-H', `Authorization: Bearer a.${secret}.c`]],
  ])('%s', async (_, input, args) => {
    for (const line of [args, [...args, '--json']]) {
      const { out, err, exit } = await operations.plain(input, ...line);
      expect(exit).not.toBe(0);
      expect(out + err).not.toContain(secret);
    }
  });

  test('nor the key that was presented, nor its hash', async () => {
    const { out, err } = await explain('GET', '/v1/whoami', ...header(key));
    for (const row of await operations.keyRows()) expect(out + err).not.toContain(row['key']);
    expect(out + err).not.toContain(key);
  });
});
