import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openOperator } from '../../bin/authctl/operator.ts';
import { createKey } from '../../bin/authctl/keys/create.ts';
import { discard, draftKey } from '../../bin/authctl/keys/draft.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { newPerson, startOperations, type Person, type TestOperations } from '../support/authctl.ts';

let operations: TestOperations;
let alice: Person;
beforeAll(async () => {
  operations = await startOperations();
  alice = await newPerson(operations, 'alice');
  await alice.browse('/organization/create', { name: 'second', slug: 'second' });
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

const guardsOf = async (id: string) => {
  const row = (await operations.keyRows()).find((each) => each['id'] === id) ?? {};
  const { allowedOrganizations, allowedAddresses, notAfter, disabledByOperator, permissions, remaining } =
    row;
  const { rateLimitEnabled, rateLimitMax, rateLimitTimeWindow, configId, referenceId } = row;
  return {
    allowedOrganizations, allowedAddresses, notAfter, disabledByOperator, permissions, remaining,
    rateLimitEnabled, rateLimitMax, rateLimitTimeWindow, configId, referenceId,
  }; // prettier-ignore
};

describe('no call of the key’s owner widens it:', () => {
  /** Everything Better Auth's client endpoint lets an owner write, and everything it might one day. */
  const attempts: readonly (readonly [name: string, body: object])[] = [
    ['its end taken away', { expiresIn: null }],
    ['its end moved', { expiresIn: 300 * 86_400 }],
    ['enabled', { enabled: true }],
    ['renamed', { name: 'wide' }],
    [
      'its metadata',
      { metadata: { allowedAddresses: ['0.0.0.0/0'], allowedOrganizations: [], disabledByOperator: false } },
    ],
    [
      'our attributes',
      {
        allowedAddresses: ['0.0.0.0/0'],
        allowedOrganizations: null,
        notAfter: null,
        disabledByOperator: false,
        name: 'x',
      },
    ],
    ['its permissions', { permissions: { records: ['write'] } }],
    ['its uses', { remaining: 1000 }],
    ['its rate limit', { rateLimitEnabled: false, rateLimitMax: 1000 }],
    ['its owner', { userId: 'somebody', referenceId: 'somebody', configId: 'organization' }],
  ];

  test('every attempt leaves every guard, and the decisions, as they were', async () => {
    const { id, key } = await made(
      '--scope', 'records:read:contact', '--organization', 'second', '--allow-ip', '192.0.2.7',
      '--expires-in', '30d', '--rate', '5/1m', '--remaining', '500',
    ); // prettier-ignore
    const before = await guardsOf(id);
    for (const [, body] of attempts) await alice.browse('/api-key/update', { keyId: id, ...body });
    expect(await guardsOf(id)).toEqual(before);

    const path = '/v1/records/contact';
    const resource = '/v1/records/{entity}';
    expect(await operations.decide(key, { path, resource })).toMatchObject({ effect: 'allow' });
    expect(await operations.decide(key, { path, resource, method: 'POST' })).toMatchObject({
      reason: 'scope_insufficient',
    });
    expect(await operations.decide(key, { path, resource, sourceAddress: '198.51.100.1' })).toMatchObject({
      reason: 'address_not_allowed',
    });
    const elsewhere = { 'x-api-key': key, 'x-tenant-id': alice.slug };
    expect(await operations.decide(key, { path, resource, headers: elsewhere })).toMatchObject({
      reason: 'organization_forbidden',
    });
    operations.clock.advance(31 * 86_400_000);
    expect(await operations.decide(key, { path, resource })).toMatchObject({ reason: 'credential_expired' });
    operations.clock.advance(-31 * 86_400_000);
  });

  test.each(attempts)('%s: a revoked key stays revoked', async (_, body) => {
    const { id, key } = await made();
    expect(await operations.authctl('keys', 'revoke', id)).toMatchObject({
      exit: 0,
      json: { id, revoked: true },
    });
    await alice.browse('/api-key/update', { keyId: id, ...body });
    expect(await operations.decide(key)).toMatchObject({ reason: 'credential_disabled' });
  });

  test('what an owner may write is written, which shows that the attempts arrive', async () => {
    const { id, key } = await made();
    const disabled = await alice.browse('/api-key/update', { keyId: id, enabled: false, name: 'mine' });
    expect(disabled.status).toBe(200);
    expect(await operations.decide(key)).toMatchObject({ reason: 'credential_disabled' });
    await alice.browse('/api-key/update', { keyId: id, enabled: true, expiresIn: 86_400 });
    expect(await operations.decide(key)).toMatchObject({ effect: 'allow' });
  });
});

describe('a half-made key', () => {
  const operator = async (client = operations.engine.client) => {
    const environment = {
      STAGE: 'dev',
      BETTER_AUTH_URL: 'http://127.0.0.1:3000',
      AUTH_TABLE_NAME: operations.identity.tableName,
    };
    return openOperator(readConfig(environment), client, operations.clock);
  };
  const columns = () => ({
    name: 'half', metadata: null, referenceId: alice.userId, enabled: true, expiresAt: null, permissions: null, remaining: null,
    refillAmount: null, refillInterval: null, lastRefillAt: null, rateLimitEnabled: false, rateLimitMax: null, rateLimitTimeWindow: null,
  }); // prettier-ignore

  test('opens nothing, and its owner can neither finish it nor see it among the keys', async () => {
    const draft = await draftKey(await operator(), columns());
    expect(await operations.decide(draft.key)).toMatchObject({ reason: 'credential_unknown' });
    const update = await alice.browse('/api-key/update', {
      keyId: draft.id,
      enabled: true,
      configId: 'default',
    });
    expect(update.status).toBe(404);
    expect(await operations.decide(draft.key)).toMatchObject({ reason: 'credential_unknown' });
    expect((await operations.authctl('keys', 'list')).out).not.toContain(draft.id);
    await discard(await operator(), draft);
  });

  test('is taken away again where it cannot be finished', async () => {
    const before = (await operations.keyRows()).length;
    const client = operations.engine.newClient();
    client.middlewareStack.add(
      (next, context) => (args) =>
        context.commandName === UpdateItemCommand.name ? Promise.reject(new Error('cut')) : next(args),
      { step: 'initialize' },
    );
    await expect(createKey(await operator(client), { user: alice.email, name: 'half' })).rejects.toThrow(
      'cut',
    );
    expect(await operations.keyRows()).toHaveLength(before);
  });
});
