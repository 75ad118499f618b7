import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DBAdapter } from '@better-auth/core/db/adapter';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { NOW, everyItem, everyKey, later, openAdapter, orphans, rows, where } from './fixture.ts';
import type { Row } from './fixture.ts';

let engine: TestEngine;
let tableName: string;
let adapter: DBAdapter;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  tableName = await engine.createIdentityTable();
  adapter = openOn(engine.client);
});
const openOn = (client: DynamoDBClient): DBAdapter => openAdapter({ client, tableName, clock: () => NOW });
const create = (model: string, data: Record<string, unknown>): Promise<Row> =>
  adapter.create({ model, data });

const account = (userId: string) => ({
  userId,
  accountId: userId,
  providerId: 'credential',
  createdAt: later(0),
  updatedAt: later(0),
});
const invitation = (organizationId: string, inviterId: string) => ({
  organizationId,
  inviterId,
  email: 'guest@example.com',
  status: 'pending',
  expiresAt: later(600),
  createdAt: later(0),
});

/** A user with one of everything that hangs on a user. */
async function userWithEverything(organizationId: string): Promise<Row> {
  const user = await create('user', rows.user());
  await create('session', rows.session(user.id));
  await create('session', rows.session(user.id, { expiresAt: later(-5) }));
  await create('account', account(user.id));
  await create('member', rows.member(user.id, organizationId));
  await create('invitation', invitation(organizationId, user.id));
  await create('apikey', rows.apikey(user.id));
  return user;
}

describe('deleting a user', () => {
  test('takes sessions (expired ones too), accounts, memberships, invitations and keys, and nobody else’s', async () => {
    const organization = await create('organization', rows.organization());
    await userWithEverything(organization.id);
    const before = await everyKey(engine.client, tableName);
    const user = await userWithEverything(organization.id);
    await adapter.delete({ model: 'user', where: where('id', user.id) });
    expect(await everyKey(engine.client, tableName)).toEqual(before);
  });

  test('inside a transaction takes them with the commit', async () => {
    const organization = await create('organization', rows.organization());
    const before = await everyKey(engine.client, tableName);
    const user = await userWithEverything(organization.id);
    await adapter.transaction((trx) => trx.delete({ model: 'user', where: where('id', user.id) }));
    expect(await everyKey(engine.client, tableName)).toEqual(before);
  });

  test('leaves nothing that was created for the user while it went on', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = await create('user', rows.user());
      const creations = Array.from({ length: 6 }, () => create('session', rows.session(user.id)));
      const [results] = await Promise.all([
        Promise.allSettled(creations),
        adapter.delete({ model: 'user', where: where('id', user.id) }),
      ]);
      for (const result of results) {
        if (result.status === 'rejected')
          expect(result.reason).toMatchObject({ statusCode: 422, body: { code: 'OWNER_MISSING' } });
      }
    }
    expect(await everyItem(engine.client, tableName)).toEqual([]);
  });

  test.each([
    ['', (on: DBAdapter, id: string) => on.delete({ model: 'user', where: where('id', id) })],
    [
      ' in a transaction',
      (on: DBAdapter, id: string) =>
        on.transaction((trx) => trx.delete({ model: 'user', where: where('id', id) })),
    ],
  ])('finds what was created after it had looked for what the user owns%s', async (_, deleteUser) => {
    const user = await create('user', rows.user());
    const client = engine.newClient();
    let writes = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const first = context['commandName'] === 'TransactWriteItemsCommand' && (writes += 1) === 1;
        if (first) await create('session', rows.session(user.id));
        return next(args);
      },
      { step: 'initialize' },
    );
    await deleteUser(openOn(client), user.id);
    expect(writes).toBe(2);
    expect(await everyItem(engine.client, tableName)).toEqual([]);
  });

  test('that was stopped before that last look is completed by starting again', async () => {
    const user = await create('user', rows.user());
    const client = engine.newClient();
    let gone = false;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (gone) throw new Error('killed');
        if (context['commandName'] !== 'TransactWriteItemsCommand') return next(args);
        await create('session', rows.session(user.id));
        gone = true;
        return next(args);
      },
      { step: 'initialize' },
    );
    const deleteUser = (on: DBAdapter) => on.delete({ model: 'user', where: where('id', user.id) });
    await expect(deleteUser(openOn(client))).rejects.toThrow('killed');
    expect(await everyItem(engine.client, tableName)).not.toEqual([]);
    await deleteUser(adapter);
    expect(await everyItem(engine.client, tableName)).toEqual([]);
  });

  test('is final: nothing can be created for a user that is gone', async () => {
    await expect(create('session', rows.session('nobody'))).rejects.toMatchObject({
      statusCode: 422,
      message: 'There is no such user',
    });
  });
});

const MEMBERS = 121;

async function largeOrganization(): Promise<Row> {
  const organization = await create('organization', rows.organization({ slug: 'large' }));
  const members = Array.from({ length: MEMBERS }, async (_, index) => {
    const user = await create('user', rows.user({ email: `member-${index}@example.com` }));
    await create('member', rows.member(user.id, organization.id));
  });
  await Promise.all(members);
  await create('apikey', rows.apikey(organization.id));
  return organization;
}

/** A user's row and pointers, and how many memberships it was given. */
const isOfUser = (key: string): boolean => key.startsWith('user') || key.includes('.placed#');

/** The operations of Better Auth's organization plugin when it deletes an organization, in its order. */
const deleteAsBetterAuth = (on: DBAdapter, organizationId: string): Promise<void> =>
  on.transaction(async (trx) => {
    await trx.deleteMany({ model: 'member', where: where('organizationId', organizationId) });
    await trx.deleteMany({ model: 'invitation', where: where('organizationId', organizationId) });
    await trx.delete({ model: 'organization', where: where('id', organizationId) });
  });

/** A client whose process dies at a write: neither that one nor any later request arrives. */
function dyingAt(write: number): DynamoDBClient {
  const client = engine.newClient();
  let writes = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] === 'TransactWriteItemsCommand' || writes >= write) writes += 1;
      if (writes >= write) throw new Error('killed');
      return next(args);
    },
    { step: 'initialize' },
  );
  return client;
}

describe.each([
  [
    'in one call',
    (on: DBAdapter, id: string): Promise<void> =>
      on.delete({ model: 'organization', where: where('id', id) }),
  ],
  ['as Better Auth does it, in a transaction', deleteAsBetterAuth],
])(`deleting an organization of ${MEMBERS} members, %s`, (_, deleteOrganization) => {
  test('killed before any of its writes, then started again, leaves nothing of it; the organization went last', async () => {
    const organization = await largeOrganization();
    const left = async (): Promise<string[]> =>
      (await everyKey(engine.client, tableName)).filter((key) => !isOfUser(key));
    let remaining = (await left()).length;
    let kills = 0;
    for (let write = 1; remaining > 0; write = 2) {
      // Each attempt dies at its second write (the first at its first), so every write is one killed at.
      await deleteOrganization(openOn(dyingAt(write)), organization.id).catch((error: Error) => {
        expect(error.message).toBe('killed');
        kills += 1;
      });
      const keys = await left();
      expect(await orphans(engine.client, tableName)).toEqual([]);
      if (keys.length > 0) expect(keys).toContain(`organization#${organization.id} | #`);
      expect(keys.length).toBeLessThanOrEqual(remaining);
      remaining = keys.length;
    }
    expect(kills).toBeGreaterThanOrEqual(3);
    // Of each user a row, a pointer, and how many organizations it was ever in.
    expect((await everyKey(engine.client, tableName)).length).toBe(3 * MEMBERS);
  });
});
