import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import type { WriteRequest } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getAuthTables } from 'better-auth/db';
import { toAttributes } from '../../lambda/identity/adapter/attributes.ts';
import { layOut } from '../../lambda/identity/adapter/layout.ts';
import { chunks, inParallel } from '../../lambda/identity/adapter/parallel.ts';
import { insertion } from '../../lambda/identity/adapter/row-writes.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { textOf } from '../support/identity.ts';
import { accept, found, join, listed } from './acceptance.ts';
import { NOW, authOptions, everyKey, orphans, rows } from './fixture.ts';
import { mortal } from './mortal.ts';

const MEMBERS = 5000;
let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

/** Members as the adapter would create them one by one: their rows, pointers and edges, in batches. */
async function admit(tableName: string, organizationId: string): Promise<void> {
  const member = layOut(getAuthTables(authOptions), identityLayout).get('member');
  if (member === undefined) throw new Error('no members in the schema');
  const requests = Array.from({ length: MEMBERS }, (_, index) =>
    insertion(
      member,
      { id: `m${index}`, ...rows.member(`u${index}`, organizationId, { createdAt: '' }) },
      NOW,
    ),
  ).flatMap((writes) =>
    writes.flatMap((write): WriteRequest[] =>
      write.kind === 'put' ? [{ PutRequest: { Item: toAttributes(write.item) } }] : [],
    ),
  );
  await inParallel(chunks(requests, 25), (batch) =>
    engine.client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: batch } })),
  );
}

test(`an organization of ${MEMBERS} members is deleted by who repeats what was killed midway, and leaves nothing`, async () => {
  const process = mortal(engine);
  const { tableName, newBrowser } = await accept(engine, process.client);
  const browse = newBrowser();
  await join(browse, 'anna');
  const before = (await everyKey(engine.client, tableName)).length;
  const organizationId = textOf(await found(browse, 'large'), 'id');
  await admit(tableName, organizationId);
  expect(await everyKey(engine.client, tableName)).toHaveLength(before + 7 + 4 * MEMBERS);

  const remove = () => browse('/organization/delete', { organizationId });
  // It takes some 150 transactions.
  process.dieAfter(75);
  await expect(remove()).rejects.toThrow('Better Auth could not answer');
  expect(process.revive()).toBe(true);
  const left = await everyKey(engine.client, tableName);
  expect(left.length).toBeLessThan(before + 3.5 * MEMBERS);
  expect(left.length).toBeGreaterThan(before + MEMBERS);
  expect(left).toContain(`organization#${organizationId} | #`);
  expect(await orphans(engine.client, tableName)).toEqual([]);

  expect((await remove()).status).toBe(200);
  // How many organizations its founder was ever in is the founder's.
  expect(await everyKey(engine.client, tableName)).toHaveLength(before + 1);
  expect(await listed(browse, '/organization/list')).toEqual([]);
  const another = newBrowser();
  await join(another, 'ben');
  expect((await found(another, 'large')).status).toBe(200);
}, 120_000);
