import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { Fault } from '../../lambda/core/fault.ts';
import { breaker } from '../../lambda/runtime/breaker.ts';
import { secretSource, type SecretSource } from '../../lambda/secrets/secret-source.ts';
import { staleLine } from '../../lambda/secrets/stale-line.ts';
import { fetchSecret } from '../../lambda/secrets/secrets-manager.ts';
import { testClock, type TestClock } from '../support/clock.ts';
import { startSecretsManager, type TestSecretsManager } from '../support/secrets-manager.ts';

const minute = 60_000;
const limits = { ttl: 5 * minute, stale: 60 * minute };
const one = 'secret-of-version-one-0123456789-0123456789';
const two = 'secret-of-version-two-0123456789-0123456789';

let manager: TestSecretsManager;
let clock: TestClock;
let source: SecretSource;
beforeAll(async () => {
  manager = await startSecretsManager();
});
afterAll(() => manager.stop());
beforeEach(() => {
  manager.mode = 'answer';
  manager.values.set('arn', { value: one, versionId: 'one' });
  clock = testClock();
  const client = manager.client();
  source = secretSource(
    fetchSecret(() => client, { arn: 'arn' }, breaker('secret', 'Secrets Manager', clock)),
    limits,
    clock,
  );
});

const kid = async (ring = source.ring()): Promise<string | undefined> => (await ring).keys[0]?.kid;
const publish = (value: string, versionId: string) => manager.values.set('arn', { value, versionId });
/** Requests that `action` causes. */
async function callsOf(action: () => Promise<unknown>): Promise<number> {
  const before = manager.calls();
  await action();
  return manager.calls() - before;
}

describe('a ring', () => {
  test('is fetched once for any number that ask at the same time, and kept for its time', async () => {
    expect(await callsOf(() => Promise.all(Array.from({ length: 50 }, () => source.ring())))).toBe(1);
    clock.advance(limits.ttl - 1);
    expect(await callsOf(() => source.ring())).toBe(0);
    clock.advance(1);
    publish(two, 'two');
    expect(await callsOf(() => source.ring())).toBe(1);
    expect(await kid()).toBe('two');
  });

  test('that cannot be fetched at all is a Fault, and the next attempt is a second later', async () => {
    manager.mode = 'fail';
    await expect(source.ring()).rejects.toMatchObject({ name: 'Fault', kind: 'secret' });
    expect(await callsOf(() => expect(source.ring()).rejects.toThrow(Fault))).toBe(0);
    manager.mode = 'answer';
    clock.advance(999);
    await expect(source.ring()).rejects.toThrow(Fault);
    clock.advance(1);
    expect(await kid()).toBe('one');
    expect(source.isStale()).toBe(false);
  });

  test('is kept while it cannot be fetched again, up to its bound and no longer', async () => {
    await source.ring();
    expect(source.isStale()).toBe(false);
    manager.mode = 'fail';
    clock.advance(limits.ttl);
    expect(await kid()).toBe('one');
    expect(source.isStale()).toBe(true);
    expect(await callsOf(() => source.ring())).toBe(0);
    clock.advance(limits.stale - limits.ttl - 1);
    expect(await kid()).toBe('one');
    clock.advance(1);
    await expect(source.ring()).rejects.toMatchObject({ name: 'Fault', kind: 'secret' });
    manager.mode = 'answer';
    clock.advance(1000);
    expect(await kid()).toBe('one');
    expect(source.isStale()).toBe(false);
  });

  test('whose secret does not answer is a Fault within the time of one call', async () => {
    manager.mode = 'hang';
    const before = performance.now();
    await expect(source.ring()).rejects.toThrow(Fault);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  test.each([
    ['no JSON', '{"keys":'],
    ['no ring', '{"keys":[]}'],
    ['too short', 'short'],
  ])('stays the last good one when what was published is %s', async (_, value) => {
    await source.ring();
    publish(value, 'bad');
    clock.advance(limits.ttl);
    expect(await kid()).toBe('one');
    expect(source.isStale()).toBe(true);
    publish(two, 'two');
    clock.advance(1000);
    expect(await kid()).toBe('two');
  });
});

describe('a forced refresh', () => {
  test('asks again at most once in ten seconds, however many ask', async () => {
    await source.ring();
    expect(await callsOf(() => source.refreshed())).toBe(0);
    clock.advance(1000);
    publish(two, 'two');
    expect(await callsOf(() => Promise.all(Array.from({ length: 50 }, () => source.refreshed())))).toBe(1);
    expect(await kid()).toBe('two');
    clock.advance(9_999);
    expect(await callsOf(() => source.refreshed())).toBe(0);
    clock.advance(1);
    expect(await callsOf(() => source.refreshed())).toBe(1);
  });

  test('does not wait for a ring that came by itself: what was published a second later is seen at once', async () => {
    await source.ring();
    clock.advance(limits.ttl);
    await source.ring();
    publish(two, 'two');
    clock.advance(1000);
    expect(await kid(source.refreshed())).toBe('two');
  });

  test('that is under way answers everybody with what it brings', async () => {
    await source.ring();
    clock.advance(10_000);
    publish(two, 'two');
    const rings = await Promise.all(Array.from({ length: 50 }, () => source.refreshed()));
    expect(new Set(rings.map((ring) => ring.keys[0]?.kid))).toEqual(new Set(['two']));
  });

  test('that fails is a Fault, not an older ring that knows of no newer key; what is there goes on', async () => {
    await source.ring();
    manager.mode = 'fail';
    clock.advance(10_000);
    await expect(source.refreshed()).rejects.toMatchObject({ name: 'Fault', kind: 'secret' });
    expect(await callsOf(() => expect(source.refreshed()).rejects.toThrow(Fault))).toBe(0);
    expect(await kid()).toBe('one');
    manager.mode = 'answer';
    clock.advance(10_000);
    expect(await kid(source.refreshed())).toBe('one');
  });
});

test('every fetch that fails, or brings no ring, is told: operators see it in a metric', async () => {
  let told = 0;
  const client = manager.client();
  const telling = secretSource(
    fetchSecret(() => client, { arn: 'arn' }, breaker('secret', 'Secrets Manager', clock)),
    limits,
    clock,
    () => (told += 1),
  );
  await telling.ring();
  expect(told).toBe(0);
  for (const [attempt, value] of ['', 'short', '{"keys":[]}'].entries()) {
    publish(value, 'bad');
    clock.advance(attempt === 0 ? limits.ttl : 1000);
    await telling.ring();
    expect(told).toBe(attempt + 1);
  }
  expect(staleLine('better-auth', clock())).toMatchObject({
    StaleKeyRing: 1,
    _aws: { CloudWatchMetrics: [{ Namespace: 'CrmAuthorizer', Metrics: [{ Name: 'StaleKeyRing' }] }] },
  });
});

test('nothing of a secret is in any error', async () => {
  for (const value of [
    '{"keys":[{"kid":"a","k":"SENSITIVE-0123456789-0123456789-01234"}',
    '{"keys":"SENSITIVE"}',
    'SENSITIVE',
  ]) {
    publish(value, 'bad');
    const error: unknown = await source.ring().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(Fault);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('SENSITIVE');
    clock.advance(1000);
  }
});

test('a plain secret of a development machine is a ring without any request', async () => {
  const plain = secretSource(
    fetchSecret(() => manager.client(), { plain: one }, breaker('secret', 's', clock)),
    limits,
    clock,
  );
  expect(await callsOf(async () => expect(await kid(plain.ring())).toBe('environment'))).toBe(0);
});
