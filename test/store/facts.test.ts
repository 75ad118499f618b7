import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { facts, type Facts } from '../../lambda/store/facts.ts';
import { identityTable, type IdentityTable } from '../../lambda/store/identity-table.ts';
import { apiKeyKey, membershipKey, organizationKey, organizationSlugKey } from '../../lambda/store/keys.ts';
import { put } from '../support/authorizer.ts';
import { testClock, type TestClock } from '../support/clock.ts';
import { startFront, type DynamodbFront } from '../support/dynamodb-front.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { acme, alice, bob, carol, extension, globex, initech, rows, tokenOf } from '../support/world.ts';

const bound = 15_000;

let engine: TestEngine;
let front: DynamodbFront;
let name: string;
let clock: TestClock;
let table: IdentityTable;
let known: Facts;
beforeAll(async () => {
  engine = await startTestEngine();
  front = await startFront(engine.endpoint);
});
afterAll(async () => {
  await Promise.all([front.stop(), engine.stop()]);
});
beforeEach(async () => {
  name = await engine.createIdentityTable();
  await put(engine.client, name, rows);
  front.operations.length = 0;
  clock = testClock();
  table = identityTable(front.client, name, breaker('store', 'DynamoDB', clock));
  known = facts(table, bound, clock);
});

const remove = ({ pk, sk }: { readonly pk: string; readonly sk: string }) =>
  engine.client.send(new DeleteItemCommand({ TableName: name, Key: { pk: { S: pk }, sk: { S: sk } } }));
/** Requests that `action` sends, by operation. */
async function sent(action: () => Promise<unknown>): Promise<readonly string[]> {
  front.operations.length = 0;
  await action();
  return [...front.operations].sort();
}

describe('a membership', () => {
  test('is found by id and by slug, with the role and both names of the organization', async () => {
    const owner = { organization: acme, role: 'owner' };
    expect(await known.membership(alice, acme.id)).toEqual(owner);
    expect(await known.membershipIn(alice, acme.id)).toEqual(owner);
    expect(await known.membershipIn(alice, acme.slug)).toEqual(owner);
    expect(await known.membershipIn(bob, globex.slug)).toBeUndefined();
    expect(await known.membership(bob, globex.id)).toBeUndefined();
  });

  test('an organization that does not exist, a foreign one, by id or slug: the same requests', async () => {
    const asked = [initech.slug, initech.id, globex.slug, 'nowhere', 'x'.repeat(32), '!'];
    const each: (readonly string[])[] = [];
    for (const tenant of asked) each.push(await sent(() => known.membershipIn(bob, tenant)));
    for (const requests of each) expect(requests).toEqual(['BatchGetItem', 'Query']);
    // And again: nothing was remembered of one and forgotten of another.
    for (const tenant of asked)
      expect(await sent(() => known.membershipIn(bob, tenant))).toEqual(['BatchGetItem', 'Query']);
  });

  test('counts only while its organization exists: a deletion may be half way', async () => {
    await remove(organizationKey(acme.id));
    expect(await known.membership(alice, acme.id)).toBeUndefined();
    expect(await known.membershipIn(alice, acme.id)).toBeUndefined();
    expect(await known.firstMembership(alice)).toMatchObject({ organization: globex });
  });

  test('whose row names another organization than its key is none', async () => {
    const stored = rows.find(({ pk, sk }) => pk === membershipKey(bob, acme.id).pk && sk === acme.id) ?? {};
    await put(engine.client, name, [{ ...stored, organizationId: globex.id }]);
    expect(await known.membership(bob, acme.id)).toBeUndefined();
  });

  test('by a slug that somebody else has taken is not the one who had it', async () => {
    const pointer = organizationSlugKey(acme.slug);
    await put(engine.client, name, [{ ...pointer, refPk: organizationKey(initech.id).pk, refSk: '#' }]);
    expect(await known.membershipIn(alice, acme.slug)).toBeUndefined();
  });

  test('the first is the earliest; of two from one moment the smaller id', async () => {
    expect(await known.firstMembership(alice)).toEqual({ organization: acme, role: 'owner' });
    expect(await known.firstMembership(carol)).toBeUndefined();
    const createdAt = '2020-01-01T00:00:00.000Z';
    const since = (organizationId: string) => ({
      ...membershipKey(carol, organizationId),
      id: organizationId,
      userId: carol,
      organizationId,
      role: 'member',
      createdAt,
    });
    const both = [since(globex.id), since(acme.id)];
    await put(engine.client, name, both);
    expect(await known.firstMembership(carol)).toMatchObject({ organization: acme });
  });
});

describe('a fact', () => {
  const all: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['an API key', () => known.apiKey('hash')],
    ['a session', () => known.session(tokenOf('alice'))],
    ['an installation', () => known.installation(acme.id, extension)],
    ['an organization', () => known.organization(acme.id)],
    ['a membership', () => known.membership(alice, acme.id)],
    ['a membership by name', () => known.membershipIn(alice, acme.slug)],
    ['a first membership', () => known.firstMembership(alice)],
  ];

  test.each(all)('is kept for its bound and no longer: %s', async (_, read) => {
    await put(engine.client, name, [{ ...apiKeyKey('hash'), id: 'k', referenceId: alice }]);
    expect(await read()).toBeDefined();
    clock.advance(bound - 1);
    expect(await sent(read)).toEqual([]);
    clock.advance(1);
    expect(await sent(read)).not.toEqual([]);
  });

  test('that is not there is never remembered: what is created is seen at once', async () => {
    expect(await known.apiKey('hash')).toBeUndefined();
    await put(engine.client, name, [{ ...apiKeyKey('hash'), id: 'k', referenceId: alice }]);
    expect(await known.apiKey('hash')).toMatchObject({ id: 'k' });
  });

  test('that was deleted is gone within the bound', async () => {
    expect(await known.membership(alice, acme.id)).toBeDefined();
    await remove(membershipKey(alice, acme.id));
    clock.advance(bound);
    expect(await known.membership(alice, acme.id)).toBeUndefined();
  });

  test('about one is never given for another', async () => {
    expect(await known.membership(alice, acme.id)).toBeDefined();
    expect(await known.membership(alice, globex.id)).toMatchObject({ organization: globex });
    expect(await known.membership(bob, acme.id)).toMatchObject({ role: 'member' });
    expect(await known.membershipIn(bob, acme.id)).toMatchObject({ role: 'member' });
    expect(await known.firstMembership(bob)).toMatchObject({ role: 'member' });
    // Nor the first of all organizations for the first of some, which a key may be limited to.
    expect(await known.firstMembership(alice)).toMatchObject({ organization: acme });
    expect(await known.firstMembership(alice, [globex.id, initech.id])).toMatchObject({
      organization: globex,
    });
    expect(await known.firstMembership(alice, [initech.id])).toBeUndefined();
    expect(await known.firstMembership(alice, [])).toBeUndefined();
  });
});

test('a row of another shape is a Fault that names the field and quotes nothing', async () => {
  await put(engine.client, name, [
    { ...apiKeyKey('hash'), id: 'k', referenceId: 'SENSITIVE', enabled: 'SENSITIVE' },
  ]);
  await expect(known.apiKey('hash')).rejects.toThrow('A stored API key has an unexpected enabled');
  await expect(known.apiKey('hash')).rejects.not.toThrow('SENSITIVE');
});

test('a whole decision costs the round trips it is meant to: session, membership and organization in one batch', async () => {
  const requests = await sent(() =>
    Promise.all([
      known.session(tokenOf('alice')),
      known.membership(alice, acme.id),
      known.installation(acme.id, extension),
    ]),
  );
  expect(requests).toEqual(['BatchGetItem']);
});
