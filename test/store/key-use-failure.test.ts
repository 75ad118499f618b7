import { GetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Fault } from '../../lambda/core/fault.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { identityTable } from '../../lambda/store/identity-table.ts';
import { apiKeyKey } from '../../lambda/store/keys.ts';
import { keyUses, type KeyUses } from '../../lambda/store/key-use.ts';
import { countedAttributes } from '../../lambda/store/key-use-write.ts';
import { readApiKey } from '../../lambda/store/rows.ts';
import { put } from '../support/authorizer.ts';
import { start, testClock, type TestClock } from '../support/clock.ts';
import { startFront, type DynamodbFront } from '../support/dynamodb-front.ts';
import { patientClient } from '../support/patient.ts';
import { startTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let front: DynamodbFront;
let patient: DynamoDBClient;
let table: string;
let clock: TestClock;
beforeAll(async () => {
  engine = await startTestEngine();
  front = await startFront(engine.endpoint);
  patient = patientClient(engine);
  for (const client of [patient, front.client]) {
    client.middlewareStack.add(
      (next) => (args) => {
        const answered = next(args);
        sent.push({ input: args.input, answered });
        return answered;
      },
      { step: 'initialize' },
    );
  }
});
afterAll(async () => {
  await Promise.all([front.stop(), engine.stop()]);
});
beforeEach(async () => {
  table = await engine.createIdentityTable();
  clock = testClock();
  front.mode = 'pass';
  sent.length = 0;
});

const iso = (milliseconds: number): string => new Date(start + milliseconds).toISOString();
const row = (given: object) => ({ ...apiKeyKey('hash'), id: 'k', referenceId: 'somebody', ...given });

/** Such a row as it was read. */
const known = (given: object = {}) => readApiKey(marshall(row(given)));

/** What was sent, whatever became of it: whoever notes a use does not wait for it. */
const sent: { readonly input: object; readonly answered: Promise<unknown> }[] = [];

/** A process, without the short patience of the decision path: this machine may be busy. */
function process(client = patient): KeyUses {
  const guard = breaker('store', 'DynamoDB', clock);
  return keyUses(client, table, identityTable(client, table, guard), guard, clock);
}

/** Until all that was sent is answered. A note is sent a turn after it is made. */
const settled = async () => {
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.allSettled(sent.map(({ answered }) => answered));
};

async function stored(): Promise<Record<string, unknown>> {
  const { Item = {} } = await engine.client.send(
    new GetItemCommand({ TableName: table, Key: marshall(apiKeyKey('hash')), ConsistentRead: true }),
  );
  return unmarshall(Item);
}

describe('a use that cannot be counted', () => {
  test.each(['fail', 'throttle', 'hang'] as const)('is a Fault, and not let through: %s', async (mode) => {
    const given = row({ remaining: 5 });
    await put(engine.client, table, [given]);
    front.mode = mode;
    await expect(process(front.client).count('hash', known(given), start)).rejects.toThrow(Fault);
    expect(await stored()).toMatchObject({ remaining: 5 });
  });

  test('whose answer is lost is counted, and not let through', async () => {
    const given = row({ remaining: 5 });
    await put(engine.client, table, [given]);
    front.change = () => {
      front.mode = 'fail';
      return { Attributes: { broken: { N: 'x' } } };
    };
    await expect(process(front.client).count('hash', known(given), start)).rejects.toThrow(Fault);
    front.change = (_, answer) => answer;
    expect(Number((await stored())['remaining'])).toBeLessThan(5);
  });
});

describe('when a key without limits was used', () => {
  test('is noted after the reads of the decision are sent, which are what is waited for', async () => {
    const guard = breaker('store', 'DynamoDB', clock);
    const reader = identityTable(patient, table, guard);
    const uses = keyUses(patient, table, reader, guard, clock);
    uses.note('hash', known(), start);
    await reader.get(apiKeyKey('hash'));
    await settled();
    expect(sent.map(({ input }) => 'UpdateExpression' in input)).toEqual([false, true]);
  });

  test('is noted at most once a minute by all processes together', async () => {
    await put(engine.client, table, [row({})]);
    const processes = [process(), process(), process()];
    for (const uses of processes) uses.note('hash', known(), start);
    await settled();
    expect(await stored()).toMatchObject({ lastRequest: iso(0) });
    clock.advance(59_999);
    for (const uses of processes) uses.note('hash', known(), clock());
    await settled();
    expect(sent).toHaveLength(3);
    expect(await stored()).toMatchObject({ lastRequest: iso(0) });
    clock.advance(1);
    for (const uses of processes) uses.note('hash', known({ lastRequest: iso(0) }), clock());
    await settled();
    expect(await stored()).toMatchObject({ lastRequest: iso(60_000) });
  });

  test('is not even sent where the row says it was noted within the minute', async () => {
    process().note('hash', known({ lastRequest: iso(-59_999) }), start);
    await settled();
    expect(sent).toEqual([]);
  });

  test.each(['fail', 'throttle', 'hang'] as const)('is nobody’s failure: %s', async (mode) => {
    await put(engine.client, table, [row({})]);
    front.mode = mode;
    const uses = process(front.client);
    expect(uses.note('hash', known(), start)).toBeUndefined();
    expect(uses.writes()).toBe(1);
    await settled();
  });

  test('never makes a row for a key that is gone', async () => {
    process().note('hash', known(), start);
    await settled();
    expect(await stored()).toEqual({});
  });
});

test('no write names an attribute that the authorizer’s role may not write', async () => {
  const rate = { rateLimitEnabled: true, rateLimitMax: 2, rateLimitTimeWindow: 100 };
  const refill = { refillAmount: 2, refillInterval: 100 };
  const each = [
    { remaining: 5 },
    { remaining: 0, ...refill, lastRefillAt: iso(-200) },
    { remaining: 0, ...refill, createdAt: iso(-200) },
    rate,
    { ...rate, lastRequest: iso(-200), requestCount: 2 },
    { ...rate, lastRequest: iso(-50), requestCount: 1 },
    { ...rate, lastRequest: iso(-50), requestCount: 2, remaining: 5 },
    { ...rate, lastRequest: iso(-50) },
  ].map(row);
  for (const given of each) {
    await put(engine.client, table, [given]);
    await process().count('hash', known(given), start);
  }
  process().note('hash', known(), start);
  await settled();
  expect(sent).toHaveLength(each.length + 1);
  const words = /\battribute_(?:not_)?exists\b|\battribute_type\b|\b(?:AND|OR|SET)\b|:\w+/g;
  const named = sent.flatMap(({ input }) => {
    const { ConditionExpression, UpdateExpression } = Object(input);
    return `${ConditionExpression} ${UpdateExpression}`.replaceAll(words, ' ').match(/[A-Za-z]+/g) ?? [];
  });
  expect(named.length).toBeGreaterThan(20);
  for (const name of new Set(named)) expect(countedAttributes).toContain(name);
});
