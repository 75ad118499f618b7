import { memoryAdapter } from '@better-auth/memory-adapter';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { betterAuth } from 'better-auth';
import type { BetterAuthOptions } from 'better-auth';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { startTestEngine } from '../support/engine.ts';
import type { TestEngine } from '../support/engine.ts';
import { everyKey, orphans } from './fixture.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

/**
 * 50 who sign up with one address, and have all been told that it is free: everybody's hash waits until all have
 * arrived, or the race would be over before it began.
 */
async function race(database: BetterAuthOptions['database']): Promise<PromiseSettledResult<unknown>[]> {
  let arrived = 0;
  const { promise: everybody, resolve } = Promise.withResolvers<void>();
  const hash = async (password: string): Promise<string> => {
    if ((arrived += 1) === 50) resolve();
    await everybody;
    return `hash of ${password}`;
  };
  const auth = betterAuth({
    baseURL: 'http://127.0.0.1:3000',
    secret: 'a secret of thirty-two characters or more',
    logger: { disabled: true },
    emailAndPassword: { enabled: true, password: { hash, verify: async () => false } },
    database,
  });
  const body = { email: 'same@example.com', password: 'correct horse', name: 'Person' };
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => auth.api.signUpEmail({ body })));
  expect(arrived).toBe(50);
  return results;
}

test('of 50 who sign up with one address at once one is a user, and nothing of the others is left', async () => {
  const tableName = await engine.createIdentityTable();
  const results = await race(dynamodbAdapter({ client: engine.client, tableName, layout: identityLayout }));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ statusCode: 422 });
  expect(await orphans(engine.client, tableName)).toEqual([]);
  const keys = await everyKey(engine.client, tableName);
  expect(keys.filter((key) => /^(user|account|session)#/.test(key))).toHaveLength(3);
});

test('(control: an adapter that only looks before it writes leaves several)', async () => {
  const database: Record<string, unknown[]> = { user: [], account: [], session: [] };
  await race(memoryAdapter(database));
  expect(database['user']?.length).toBeGreaterThan(1);
});
