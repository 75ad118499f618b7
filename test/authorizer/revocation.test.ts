import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { marshall } from '@aws-sdk/util-dynamodb';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Authorizer } from '../../lambda/authorizer/authorizer.ts';
import { installationName, revocationKey, type Revocable } from '../../lambda/store/keys.ts';
import type { IamAnswer } from '../../lambda/surfaces/iam-answer.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { restEvent } from '../support/event.ts';
import { acme, cachedCookieOf, cookieOf, globex, keyOf, tokenWith } from '../support/world.ts';

const whoami = (headers: Record<string, string>, cookie?: string) =>
  restEvent({ method: 'GET', path: '/v1/whoami', headers, ...(cookie === undefined ? {} : { cookie }) });

const token = tokenWith();
const requests = {
  'an API key': whoami({ 'x-api-key': keyOf('alice') }),
  'a session': whoami({}, cookieOf('alice')),
  'a session with a cookie cache': whoami({}, cachedCookieOf('alice')),
  'an extension token': whoami({ authorization: `Bearer ${token}` }),
};
type Presented = keyof typeof requests;
const all = Object.keys(requests).filter((name): name is Presented => name in requests);

let world: TestAuthorizer;
let serve: Authorizer<IamAnswer>;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  serve = world.serve(rest);
});

const answer = (name: Presented): Promise<string> => answerTo(requests[name]);

async function answerTo(event: unknown): Promise<string> {
  try {
    await serve(event);
    return 'allow';
  } catch {
    return String(world.lines.at(-1)?.['reason']);
  }
}

/** Revokes while `check` runs. Without `minIssuedAt`, for good. */
async function revoking(
  kind: Revocable,
  name: string,
  item: object,
  check: () => Promise<void>,
): Promise<void> {
  const Key = revocationKey(kind, name);
  await world.engine.client.send(
    new PutItemCommand({ TableName: world.table, Item: marshall({ ...Key, ...item }) }),
  );
  try {
    await check();
  } finally {
    await world.engine.client.send(new DeleteItemCommand({ TableName: world.table, Key: marshall(Key) }));
  }
}

async function expectRevoked(revoked: readonly Presented[]): Promise<void> {
  for (const name of all) {
    expect([name, await answer(name)]).toEqual([
      name,
      revoked.includes(name) ? 'credential_revoked' : 'allow',
    ]);
  }
}

const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const claim = (name: string): string =>
  String(typeof claims === 'object' && claims !== null ? Reflect.get(claims, name) : undefined);
const kid = (of: string): string => {
  const header: unknown = JSON.parse(Buffer.from(of.split('.')[0] ?? '', 'base64url').toString());
  return String(typeof header === 'object' && header !== null ? Reflect.get(header, 'kid') : undefined);
};
const now = Math.floor(start / 1000);

describe('revoking', () => {
  test('nothing refuses nobody', () => expectRevoked([]));

  test('a key of the session ring refuses what it signed, and nothing else', () =>
    revoking('kid', 'session-signing', {}, () =>
      expectRevoked(['a session', 'a session with a cookie cache']),
    ));

  test('a key of the extension token ring refuses what it signed, and nothing else', () =>
    revoking('kid', kid(token), {}, () => expectRevoked(['an extension token'])));

  test('a token refuses that token alone', () =>
    revoking('jti', claim('jti'), {}, () => expectRevoked(['an extension token'])));

  test('an installation refuses the tokens it was given before', () => {
    const name = installationName(claim('orgId'), claim('extension_id'));
    return revoking('installation', name, { minIssuedAt: now + 1 }, () =>
      expectRevoked(['an extension token']),
    );
  });

  test.each([
    ['user', claim('userId')],
    ['organization', claim('orgId')],
  ] as const)('what a %s held before a moment refuses all of it', (kind, name) =>
    revoking(kind, name, { minIssuedAt: now + 1 }, () => expectRevoked(all)),
  );

  test.each([
    ['user', claim('userId')],
    ['organization', claim('orgId')],
  ] as const)('what a %s held before a moment leaves what was issued since', (kind, name) =>
    revoking(kind, name, { minIssuedAt: 1 }, () => expectRevoked([])),
  );
});

test('what an organization held is refused to whoever asks for it, by its id or its slug, and to nobody elsewhere', () =>
  revoking('organization', globex.id, { minIssuedAt: now + 1 }, async () => {
    for (const cookie of [undefined, cookieOf('alice'), cachedCookieOf('alice')]) {
      const key: Record<string, string> = cookie === undefined ? { 'x-api-key': keyOf('alice') } : {};
      const asking = (tenant: string) => answerTo(whoami({ ...key, 'x-tenant-id': tenant }, cookie));
      for (const tenant of [globex.id, globex.slug])
        expect([tenant, await asking(tenant)]).toEqual([tenant, 'credential_revoked']);
      for (const tenant of [acme.id, acme.slug])
        expect([tenant, await asking(tenant)]).toEqual([tenant, 'allow']);
    }
  }));

test('is seen by a warm process within five seconds, and costs it no read before', async () => {
  expect(await answer('a session')).toBe('allow');
  await revoking('kid', 'session-signing', {}, async () => {
    world.clock.advance(4999);
    expect(await answer('a session')).toBe('allow');
    expect(world.lines.at(-1)).toMatchObject({ reads: 0 });
    world.clock.advance(1);
    expect(await answer('a session')).toBe('credential_revoked');
  });
  world.clock.advance(-5000);
});

test('costs no round trip of its own: it is read beside the organization', async () => {
  for (const name of ['a session with a cookie cache', 'an extension token'] as const) {
    serve = world.serve(rest);
    expect(await answer(name)).toBe('allow');
    expect([name, world.lines.at(-1)?.['reads']]).toEqual([name, 1]);
  }
});
