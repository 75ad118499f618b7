import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { unkept } from '../../lambda/core/lease.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { facts, type Facts } from '../../lambda/store/facts.ts';
import { identityTable, type IdentityTable } from '../../lambda/store/identity-table.ts';
import {
  apiKeyKey,
  membershipKey,
  membershipsPlaced,
  organizationKey,
  organizationSlugKey,
  type Key,
} from '../../lambda/store/keys.ts';
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
const rowOf = ({ pk, sk }: Key) => rows.find((row) => row.pk === pk && row.sk === sk) ?? { pk, sk };
/** Requests that `action` sends, by operation. */
async function sent(action: () => unknown): Promise<readonly string[]> {
  front.operations.length = 0;
  await action();
  return [...front.operations].sort();
}

describe('a membership', () => {
  test('is found by id and by slug, with the role and both names of the organization', async () => {
    const owner = { organization: acme, role: 'owner' };
    expect(await known.membership(alice, acme.id, unkept)).toEqual(owner);
    expect(await known.membershipIn(alice, acme.id, unkept)).toEqual(owner);
    expect(await known.membershipIn(alice, acme.slug, unkept)).toEqual(owner);
    expect(await known.membershipIn(bob, globex.slug, unkept)).toBeUndefined();
    expect(await known.membership(bob, globex.id, unkept)).toBeUndefined();
  });

  test('an organization that does not exist, a foreign one, by id or slug: the same requests', async () => {
    const asked = [initech.slug, initech.id, globex.slug, 'nowhere', 'x'.repeat(32), '!'];
    const each: (readonly string[])[] = [];
    for (const tenant of asked) each.push(await sent(() => known.membershipIn(bob, tenant, unkept)));
    for (const requests of each) expect(requests).toEqual(['GetItem', 'Query']);
    // And again: nothing was remembered of one and forgotten of another.
    for (const tenant of asked)
      expect(await sent(() => known.membershipIn(bob, tenant, unkept))).toEqual(['GetItem', 'Query']);
  });

  test('of a name that is not the user’s nothing is read that has that name: not even whether there is one', async () => {
    const read: unknown[] = [];
    for (const tenant of ['nowhere', initech.slug, initech.id]) {
      front.bodies.length = 0;
      await sent(() => known.membershipIn(alice, tenant, unkept, acme.id));
      read.push([...front.bodies]);
      expect(JSON.stringify(front.bodies)).not.toContain(tenant);
    }
    expect(read[1]).toEqual(read[0]);
    expect(read[2]).toEqual(read[0]);
  });

  test('counts only while its organization exists: a deletion may be half way', async () => {
    await remove(organizationKey(acme.id));
    expect(await known.membership(alice, acme.id, unkept)).toBeUndefined();
    expect(await known.membershipIn(alice, acme.id, unkept)).toBeUndefined();
    expect(await known.firstMembership(alice, unkept)).toMatchObject({ organization: globex });
  });

  test('whose row names another organization than its key is none', async () => {
    const stored = rows.find(({ pk, sk }) => pk === membershipKey(bob, acme.id).pk && sk === acme.id) ?? {};
    await put(engine.client, name, [{ ...stored, organizationId: globex.id }]);
    expect(await known.membership(bob, acme.id, unkept)).toBeUndefined();
  });

  test('is found by the slug its organization has now, read ahead or not, and by no other', async () => {
    await put(engine.client, name, [{ ...organizationKey(acme.id), id: acme.id, slug: 'renamed' }]);
    for (const likely of [undefined, acme.id, globex.id]) {
      known = facts(table, bound, clock);
      expect(await known.membershipIn(alice, acme.slug, unkept, likely)).toBeUndefined();
      expect(await known.membershipIn(alice, 'renamed', unkept, likely)).toMatchObject({ role: 'owner' });
      expect(await known.membershipIn(alice, globex.slug, unkept, likely)).toMatchObject({ role: 'member' });
    }
  });

  describe('of somebody in so many organizations that they are not all read for a slug', () => {
    beforeEach(async () => {
      const held = rowOf(membershipKey(alice, acme.id));
      const heldIn = (id: string) => ({ ...held, sk: id, organizationId: id, id });
      await put(
        engine.client,
        name,
        Array.from({ length: 120 }, (_, index) => heldIn(`OrgOther${index}`)),
      );
    });

    test('is found by whom the slug points to, and is not who had it before', async () => {
      for (const { id, slug } of [acme, globex])
        expect(await known.membershipIn(alice, slug, unkept)).toMatchObject({ organization: { id, slug } });
      const pointer = organizationSlugKey(acme.slug);
      await put(engine.client, name, [{ ...pointer, refPk: organizationKey(initech.id).pk, refSk: '#' }]);
      known = facts(table, bound, clock);
      expect(await known.membershipIn(alice, acme.slug, unkept)).toBeUndefined();
    });

    test('an organization that does not exist and a foreign one: the same requests, answered with nothing', async () => {
      for (const tenant of ['nowhere', initech.slug, initech.id]) {
        front.answers.length = 0;
        const requests = await sent(() => known.membershipIn(alice, tenant, unkept));
        expect(requests).toEqual(['Query', 'Query', 'Query']);
        expect(front.answers.filter((answer) => answer['Count'] === 0)).toHaveLength(2);
        expect(JSON.stringify(front.answers)).not.toContain(initech.id);
      }
    });
  });

  test('in an organization that the user has left is none, also where it is the likely one', async () => {
    await remove(membershipKey(alice, acme.id));
    for (const tenant of [acme.id, acme.slug])
      expect(await known.membershipIn(alice, tenant, unkept, acme.id)).toBeUndefined();
  });

  test('the first is the earliest; of two from one moment the smaller id', async () => {
    expect(await known.firstMembership(alice, unkept)).toEqual({ organization: acme, role: 'owner' });
    expect(await known.firstMembership(carol, unkept)).toBeUndefined();
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
    expect(await known.firstMembership(carol, unkept)).toMatchObject({ organization: acme });
  });

  test('the first is one item, of however many memberships, read ahead with where it leads', async () => {
    const likely = { organizationId: acme.id };
    expect(await sent(() => known.firstMembership(alice, unkept, undefined, likely))).toEqual([
      'BatchGetItem',
      'Query',
    ]);
    expect(front.bodies).toContainEqual(expect.objectContaining({ Limit: 1, ConsistentRead: true }));
  });

  describe('the first that has a mark', () => {
    const marked = async (): Promise<{ readonly organizationId: string; readonly mark?: string }> => {
      const first = await facts(table, 0, clock).firstMembership(alice, unkept, undefined, {});
      return { organizationId: first?.organization.id ?? '', ...(first?.mark ? { mark: first.mark } : {}) };
    };
    const first = (likely: object) => known.firstMembership(alice, unkept, undefined, likely);

    test('is known by it to be still the first, with nothing else read', async () => {
      const likely = await marked();
      expect(likely.mark).toBeDefined();
      expect(await sent(() => first(likely))).toEqual(['BatchGetItem']);
      clock.advance(bound);
      expect(await first(likely)).toEqual({ organization: acme, role: 'owner', mark: likely.mark });
    });

    test.each<[string, () => Promise<unknown>]>([
      [
        'whenever another was given since, which may be an earlier one',
        () => put(engine.client, name, [{ ...membershipsPlaced(alice), placed: 1 }]),
      ],
      [
        'when its user left and came back',
        () => put(engine.client, name, [{ ...rowOf(membershipKey(alice, acme.id)), id: 'another' }]),
      ],
    ])('is looked for again %s', async (_, change) => {
      const likely = await marked();
      await change();
      expect(await sent(() => first(likely))).toEqual(['BatchGetItem', 'Query']);
      expect((await first(likely))?.mark).not.toBe(likely.mark);
    });

    test('is another one once its user has left', async () => {
      const likely = await marked();
      await remove(membershipKey(alice, acme.id));
      expect(await first(likely)).toMatchObject({ organization: globex });
    });

    test('is never taken for the mark of another membership', async () => {
      const { mark } = await marked();
      expect(await first({ organizationId: globex.id, mark })).toMatchObject({ organization: acme });
    });
  });

  test('the first among some is asked for by each of them, and of many by all memberships', async () => {
    const nobodys = (count: number) => Array.from({ length: count }, (_, index) => `org-${index}`);
    expect(await sent(() => known.firstMembership(alice, unkept, [globex.id, acme.id]))).toEqual([
      'BatchGetItem',
    ]);
    expect(await known.firstMembership(alice, unkept, [globex.id, acme.id])).toMatchObject({
      organization: acme,
    });
    expect(await known.firstMembership(alice, unkept, [globex.id, ...nobodys(30)])).toMatchObject({
      organization: globex,
    });
    expect(front.operations).toContain('Query');
    expect(await known.firstMembership(alice, unkept, nobodys(30))).toBeUndefined();
  });

  test('that is no more, though the list by age still names it, gives way to the next', async () => {
    await remove(membershipKey(alice, acme.id));
    expect(await known.firstMembership(alice, unkept, undefined, { organizationId: acme.id })).toMatchObject({
      organization: globex,
    });
  });
});

describe('a fact', () => {
  const all: readonly (readonly [string, () => unknown])[] = [
    ['an API key', () => known.apiKey('hash', unkept)],
    ['a session', () => known.session(tokenOf('alice'), unkept)],
    ['an installation', () => known.installation(acme.id, extension, unkept)],
    ['an organization', () => known.organization(acme.id, unkept)],
    ['a membership', () => known.membership(alice, acme.id, unkept)],
    ['a membership by name', () => known.membershipIn(alice, acme.slug, unkept)],
    ['a first membership', () => known.firstMembership(alice, unkept)],
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
    expect(await known.apiKey('hash', unkept)).toBeUndefined();
    await put(engine.client, name, [{ ...apiKeyKey('hash'), id: 'k', referenceId: alice }]);
    expect(await known.apiKey('hash', unkept)).toMatchObject({ id: 'k' });
  });

  test('that was deleted is gone within the bound', async () => {
    expect(await known.membership(alice, acme.id, unkept)).toBeDefined();
    await remove(membershipKey(alice, acme.id));
    clock.advance(bound);
    expect(await known.membership(alice, acme.id, unkept)).toBeUndefined();
  });

  test('about one is never given for another', async () => {
    expect(await known.membership(alice, acme.id, unkept)).toBeDefined();
    expect(await known.membership(alice, globex.id, unkept)).toMatchObject({ organization: globex });
    expect(await known.membership(bob, acme.id, unkept)).toMatchObject({ role: 'member' });
    expect(await known.membershipIn(bob, acme.id, unkept)).toMatchObject({ role: 'member' });
    expect(await known.firstMembership(bob, unkept)).toMatchObject({ role: 'member' });
    // Nor the first of all organizations for the first of some, which a key may be limited to.
    expect(await known.firstMembership(alice, unkept)).toMatchObject({ organization: acme });
    expect(await known.firstMembership(alice, unkept, [globex.id, initech.id])).toMatchObject({
      organization: globex,
    });
    expect(await known.firstMembership(alice, unkept, [initech.id])).toBeUndefined();
    expect(await known.firstMembership(alice, unkept, [])).toBeUndefined();
  });
});

test('a row of another shape is a Fault that names the field and quotes nothing', async () => {
  await put(engine.client, name, [
    { ...apiKeyKey('hash'), id: 'k', referenceId: 'SENSITIVE', enabled: 'SENSITIVE' },
  ]);
  await expect(known.apiKey('hash', unkept)).rejects.toThrow('A stored API key has an unexpected enabled');
  await expect(known.apiKey('hash', unkept)).rejects.not.toThrow('SENSITIVE');
});

test('a whole decision costs the round trips it is meant to: session, membership and organization in one batch', async () => {
  const requests = await sent(() =>
    Promise.all([
      known.session(tokenOf('alice'), unkept),
      known.membership(alice, acme.id, unkept),
      known.installation(acme.id, extension, unkept),
    ]),
  );
  expect(requests).toEqual(['BatchGetItem']);
});
