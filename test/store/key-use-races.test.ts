import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { iso, newKey, rate, type TestKey } from '../support/limited-key.ts';
import { patientProcess } from '../support/patient.ts';

let world: TestAuthorizer;
let key: TestKey;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  key = newKey(world);
  world.clock.advance(start - world.clock());
});

/** Uses at once, by several processes. @param warm whether each remembers the key */
async function atOnce(uses: number, warm: boolean): Promise<Readonly<Record<string, number>>> {
  const processes = Array.from({ length: 5 }, () => patientProcess(world));
  if (warm) {
    const row = await key.stored();
    // What they remember is of no use any more: a key that has nothing left.
    await key.store({ remaining: 0 });
    await Promise.all(processes.map((by) => key.use(by)));
    await put(world.engine.client, world.table, [row]);
  }
  const all = await Promise.all(
    Array.from({ length: uses }, (_, index) => key.use(processes[index % processes.length])),
  );
  const outcomes: Record<string, number> = {};
  for (const outcome of all) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}

describe.each([
  ['processes that have just started', false],
  ['processes that remember the key otherwise', true],
])('of 50 requests at once to %s', (_, warm) => {
  test('exactly the 10 remaining uses pass', async () => {
    await key.store({ remaining: 10 });
    expect(await atOnce(50, warm)).toEqual({ allow: 10, quota_exhausted: 40 });
    expect(await key.stored()).toMatchObject({ remaining: 0 });
  });

  test('exactly the 10 of a first window pass', async () => {
    await key.store(rate(10, 60_000));
    expect(await atOnce(50, warm)).toEqual({ allow: 10, rate_limited: 40 });
    expect(await key.stored()).toMatchObject({ requestCount: 10 });
  });

  test('exactly the 10 of a new window pass, however full the one before was', async () => {
    await key.store({ ...rate(10, 1000), requestCount: 10, lastRequest: iso(-1001) });
    expect(await atOnce(50, warm)).toEqual({ allow: 10, rate_limited: 40 });
  });

  test('exactly the uses of one refill pass, and it happens once', async () => {
    await key.store({ remaining: 3, refillAmount: 7, refillInterval: 500, lastRefillAt: iso(-501) });
    expect(await atOnce(50, warm)).toEqual({ allow: 7, quota_exhausted: 43 });
    expect(await key.stored()).toMatchObject({ remaining: 0 });
  });

  test('a rate limit of 10 refuses after it has taken from 20 remaining uses, as Better Auth does', async () => {
    await key.store({ ...rate(10, 60_000), remaining: 20 });
    expect(await atOnce(50, warm)).toEqual({ allow: 10, rate_limited: 10, quota_exhausted: 30 });
    expect(await key.stored()).toMatchObject({ remaining: 0, requestCount: 10 });
  });

  test('more pass where the count is read first and written then: what this guards against', async () => {
    await key.store({ remaining: 10 });
    let passed = 0;
    const read = await Promise.all(Array.from({ length: 50 }, () => key.stored()));
    await Promise.all(
      read.map(async (row) => {
        if (Number(row['remaining']) <= 0) return;
        passed += 1;
        const Item = marshall({ ...row, remaining: Number(row['remaining']) - 1 });
        await world.engine.client.send(new PutItemCommand({ TableName: world.table, Item }));
      }),
    );
    expect(passed).toBe(50);
  });
});
