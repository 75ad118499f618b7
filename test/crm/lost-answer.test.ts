import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compileOrigins } from '../../lambda/core/origin.ts';
import { recordsEndpoint } from '../../lambda/crm/records-endpoint.ts';
import { recordsStore } from '../../lambda/crm/records-store.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { freshMember } from '../support/crm.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';
import { create, page } from '../support/records-call.ts';
import { createRecordsTable } from '../support/records-table.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await startTestEngine();
});
afterAll(() => engine.stop());

test('a record whose write was made but not heard of is answered once made, and made once', async () => {
  const client = engine.newClient();
  let lost = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName !== 'PutItemCommand' || lost > 0) return answer;
        lost += 1;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      },
    { step: 'deserialize', priority: 'high' },
  );
  const guard = breaker('store', 'DynamoDB', () => 0);
  const endpoint = recordsEndpoint({
    store: recordsStore(client, await createRecordsTable(engine.client), guard),
    trusted: compileOrigins([]),
    log: () => undefined,
  });
  const member = freshMember();
  const { status, body } = await create(endpoint, member, { name: 'Zoë' });
  expect([status, lost]).toEqual([201, 1]);
  expect((await page(endpoint, member)).records).toEqual([body]);
});
