import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { marshall } from '@aws-sdk/util-dynamodb';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { iso, newKey, rate, type TestKey } from '../support/limited-key.ts';
import { outcomeOf } from '../support/outcome.ts';
import { decided, patientProcess } from '../support/patient.ts';

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

describe('a limited key', () => {
  /** A use whose decision line is looked at. */
  const logged = (by: MeteredAuthority) => outcomeOf(world, { headers: { 'x-api-key': key.key } }, by);
  const line = () => world.lines.findLast(({ event }) => event === 'decision') ?? {};

  test('costs one write a use, told in the decision line, and no read while its facts are fresh', async () => {
    await key.store({ ...rate(100, 60_000), remaining: 100 });
    const by = patientProcess(world);
    expect(await logged(by)).toBe('allow');
    expect(line()).toMatchObject({ writes: 1 });
    expect(await logged(by)).toBe('allow');
    expect(line()).toMatchObject({ reads: 0, writes: 1 });
  });

  test('costs one write at the start of a window and of a refill too, where the row is known', async () => {
    await key.store({
      ...rate(1, 100),
      remaining: 0,
      refillAmount: 1,
      refillInterval: 100,
      lastRefillAt: iso(-200),
    });
    const by = patientProcess(world);
    expect(await logged(by)).toBe('allow');
    world.clock.advance(101);
    expect(await logged(by)).toBe('allow');
    expect(line()).toMatchObject({ reads: 0, writes: 1 });
  });

  test('is refused for one read and no write: refusals are free to ask for', async () => {
    await key.store({ remaining: 0 });
    const by = patientProcess(world);
    expect(await logged(by)).toBe('quota_exhausted');
    expect(await logged(by)).toBe('quota_exhausted');
    expect(line()).toMatchObject({ reads: 1, writes: 0, credentialId: key.id });
  });

  test('keeps its row when it is spent or over, and goes on saying which', async () => {
    await key.store({ remaining: 1, expiresAt: iso(10_000) });
    const said = [await key.use(), await key.use(), await key.use()];
    world.clock.advance(10_001);
    expect([...said, await key.use(), await key.use()]).toEqual([
      'allow',
      'quota_exhausted',
      'quota_exhausted',
      'credential_expired',
      'credential_expired',
    ]);
  });

  test('passes at once when uses are added, though a process has seen it spent', async () => {
    await key.store({ remaining: 0 });
    const by = patientProcess(world);
    expect(await key.use(by)).toBe('quota_exhausted');
    await key.store({ remaining: 1 });
    expect([await key.use(by), await key.use(by)]).toEqual(['allow', 'quota_exhausted']);
  });

  test.each([
    ['disabled', { enabled: false }, 'credential_disabled'],
    ['disabled by an operator', { disabledByOperator: true }, 'credential_disabled'],
    ['ended', { notAfter: iso(-1) }, 'credential_expired'],
    ['limited to another address', { allowedAddresses: ['198.51.100.1'] }, 'address_not_allowed'],
  ])('that was %s is refused at its next use, whatever a process remembers', async (_, given, outcome) => {
    await key.store({ remaining: 5 });
    const by = patientProcess(world);
    expect(await key.use(by)).toBe('allow');
    await key.store({ remaining: 5, ...given });
    expect(await key.use(by)).toBe(outcome);
  });

  test('that was deleted is unknown, and no use brings its row back', async () => {
    await key.store({ remaining: 5 });
    const by = patientProcess(world);
    expect(await key.use(by)).toBe('allow');
    const removed = { TableName: world.table, Key: marshall(key.rowKey) };
    await world.engine.client.send(new DeleteItemCommand(removed));
    expect([await key.use(by), await key.stored()]).toEqual(['credential_unknown', {}]);
  });

  test.each([
    ['from another address', { allowedAddresses: ['198.51.100.1'] }, 'address_not_allowed'],
    ['of an expired key', { expiresAt: iso(-1) }, 'credential_expired'],
    ['of a disabled key', { enabled: false }, 'credential_disabled'],
  ])('is not charged for a request %s: a thief could use it up', async (_, given, outcome) => {
    await key.store({ remaining: 5, ...given });
    expect(await key.use()).toBe(outcome);
    expect(await key.stored()).toMatchObject({ remaining: 5 });
  });

  test('is charged once the key is good, whatever is decided about organization and route then', async () => {
    await key.store({ remaining: 5 });
    const headers = { 'x-api-key': key.key };
    expect(
      await decided(patientProcess(world), world, { headers: { ...headers, 'x-tenant-id': 'initech' } }),
    ).toBe('organization_forbidden');
    expect(await decided(patientProcess(world), world, { headers, path: '/v1/nothing', resource: '' })).toBe(
      'route_unlisted',
    );
    expect(await key.stored()).toMatchObject({ remaining: 3 });
  });

  test('at the very end of a window is refused if the window is full, and begins a new one if not', async () => {
    await key.store({ ...rate(2, 1000), requestCount: 2, lastRequest: iso(-1000) });
    expect(await key.use()).toBe('rate_limited');
    await key.store({ ...rate(2, 1000), requestCount: 1, lastRequest: iso(-1000) });
    expect(await key.use()).toBe('allow');
    expect(await key.stored()).toMatchObject({ requestCount: 1, lastRequest: iso(0) });
  });

  test('without a count, or with nulls where nothing is known, is counted from the first use', async () => {
    const unknown = { ...rate(2, 1000), requestCount: null, lastRequest: null, lastRefillAt: null };
    await key.store({ ...unknown, remaining: 0, refillAmount: 9, refillInterval: 1 });
    expect([await key.use(), await key.use(), await key.use()]).toEqual(['allow', 'allow', 'rate_limited']);
    await key.store({ ...unknown, lastRequest: iso(-1) });
    expect([await key.use(), await key.use(), await key.use()]).toEqual(['allow', 'allow', 'rate_limited']);
  });
});
