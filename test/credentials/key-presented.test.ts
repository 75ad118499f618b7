import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { apiKey } from '../support/api-key.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { iso, newKey, rate, type TestKey } from '../support/limited-key.ts';
import { decided, decisionOf, patientProcess } from '../support/patient.ts';
import { acme, keyOf, rows } from '../support/world.ts';
import { alice, digest, markOf } from '../support/world/place.ts';

let world: TestAuthorizer;
let by: MeteredAuthority;
let key: TestKey;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  by = patientProcess(world);
  key = newKey(world);
});

const presented = (text: string) => ({ headers: { 'x-api-key': text } });
const outcome = (text: string): Promise<string> => decided(by, world, presented(text));

/** A key without limits of which there is nothing to note. */
const where = { likelyOrganizationId: acme.id, likelyMark: markOf(alice, acme.id) };
const quiet = { rateLimitEnabled: false, lastRequest: iso(0), ...where };

describe('without a look at the table is refused', () => {
  test.each([
    ['what is no key', 'key'],
    ['a key with a character more', `${keyOf('alice')}0`],
    ['a key whose checksum is not its own', `${keyOf('alice').slice(0, -1)}!`],
  ])('%s: its owner is told that it is mistyped', async (_, text) => {
    await put(world.engine.client, world.table, [{ ...rows[0], pk: `apikey#${digest(text)}`, sk: '#' }]);
    expect(await outcome(text)).toBe('credential_malformed');
    expect(by.reads()).toBe(0);
  });

  test('a key of another stage, though the table has it: nobody is told that it is a key', async () => {
    expect(await outcome(apiKey('test', 'AliceKey0'))).toBe('credential_unknown');
    expect(by.reads()).toBe(0);
  });
});

describe('a key without limits', () => {
  test('is remembered with its caller', async () => {
    await key.store(quiet);
    expect(await key.use(by)).toBe('allow');
    expect(await decisionOf(by, world, presented(key.key))).toHaveProperty('remembered');
  });

  test('costs no write where its last use and its organization are known', async () => {
    await key.store(quiet);
    expect(await key.use(by)).toBe('allow');
    expect(by.writes()).toBe(0);
  });

  test.each([
    ['when it was used', { lastRequest: iso(-60_000) }],
    ['where it acts', { likelyOrganizationId: 'elsewhere' }],
    ['that this is still the first', { likelyMark: 'stale' }],
  ])('has %s noted, in one write', async (_, given) => {
    await key.store({ ...quiet, ...given });
    expect(await key.use(by)).toBe('allow');
    expect(by.writes()).toBe(1);
  });

  test('has nothing noted of a request from an address it is not limited to', async () => {
    await key.store({ rateLimitEnabled: false, allowedAddresses: ['198.51.100.1'] });
    expect(await key.use(by)).toBe('address_not_allowed');
    expect(by.writes()).toBe(0);
  });
});

describe('a key with limits', () => {
  test('is not charged from an address it is not limited to: a thief could use it up', async () => {
    await key.store({ remaining: 5, allowedAddresses: ['198.51.100.1'] });
    expect(await key.use(by)).toBe('address_not_allowed');
    expect(await key.stored()).toMatchObject({ remaining: 5 });
    expect(await key.use(by, '198.51.100.1')).toBe('allow');
    expect(await key.stored()).toMatchObject({ remaining: 4 });
  });

  test('costs one write a use in an open window too: what a use left is known to the next', async () => {
    await key.store(rate(3, 60_000));
    const writes: number[] = [];
    for (const _ of [1, 2, 3]) {
      expect(await key.use(by)).toBe('allow');
      writes.push(by.writes());
    }
    expect(writes).toEqual([1, 2, 3]);
    expect(await key.use(by)).toBe('rate_limited');
  });

  test('costs one write more where it was noted before which organization is the first, and is not any more', async () => {
    await key.store({ ...rate(3, 60_000), ...where, likelyMark: 'stale' });
    expect(await key.use(by)).toBe('allow');
    expect(by.writes()).toBe(2);
  });

  test('costs no second look for its organization while its row says of it what it said', async () => {
    const nothingKept = { FACTS_TTL_SECONDS: '0', REVOCATION_TTL_SECONDS: '0' };
    const reads = async (limits: object): Promise<number> => {
      const process = patientProcess(world, nothingKept);
      await key.store({ ...quiet, ...limits });
      expect(await key.use(process)).toBe('allow');
      return process.reads();
    };
    expect(await reads({ remaining: 5 })).toBe(await reads({}));
  });

  test('that is gone is unknown, and good again at once when it comes back', async () => {
    await key.store({ remaining: 5 });
    expect(await key.use(by)).toBe('allow');
    const gone = { TableName: world.table, Key: marshall(key.rowKey) };
    await world.engine.client.send(new DeleteItemCommand(gone));
    expect(await key.use(by)).toBe('credential_unknown');
    await key.store({ remaining: 5 });
    expect(await key.use(by)).toBe('allow');
  });
});
