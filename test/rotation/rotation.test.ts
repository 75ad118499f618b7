import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { generateKey, ringLimit, serializeKeyRing } from '../../lambda/secrets/key-ring.ts';
import { event, pendingOf, steps } from './harness.ts';
import { bounds } from './ring.ts';
import { subject } from './subject.ts';

const { world, second, create, createFrom, expectRotatedOnce } = subject();

describe('a rotation', () => {
  test('publishes the ring with one key more, which waits, and keeps the version before as AWSPREVIOUS', async () => {
    const { arn, first } = create();
    expect(await world().rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, first);
    const [before, added] = world().current(arn).keys;
    expect(added?.signFrom).toBe(second() + 1 + bounds.publishDelay);
    expect(before?.verifyUntil).toBe(second() + 1 + bounds.publishDelay + 3600 + 30);
    expect(
      world()
        .secret(arn)
        .versions.map(({ stages }) => stages),
    ).toEqual([['AWSPREVIOUS'], ['AWSPENDING', 'AWSCURRENT']]);
  });

  test('inside the publish delay of another publishes the same keys', async () => {
    const { arn, first } = create();
    await world().rotate(arn);
    const { keys } = world().current(arn);
    world().clock.advance(60_000);
    expect(await world().rotate(arn)).toBeUndefined();
    expect(world().current(arn).keys).toEqual(keys);
    expectRotatedOnce(arn, first);
  });

  test('of a plain string carries it over, so that what it signed still verifies', async () => {
    const plain = 'a secret of before, as it was typed';
    const arn = createFrom(plain);
    const version = world().secret(arn).versions[0]?.id ?? '';
    expect(await world().rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, version);
    expect(world().current(arn).keys[0]).toMatchObject({ k: plain, signFrom: 0 });
  });

  test.each([['{"keys":['], ['{"keys":[]}'], ['short']])(
    'of a secret that holds %j fails and publishes nothing; once it is mended, the rotation is finished',
    async (value) => {
      const arn = createFrom(value);
      expect(await world().rotate(arn)).toMatch(/createSecret.*holds no key ring/);
      expect(
        world()
          .secret(arn)
          .versions.map((version) => version.value),
      ).toEqual([value, undefined]);
      const key = generateKey(second() - 10);
      world().publish(arn, serializeKeyRing({ keys: [key] }));
      expect(await world().rotate(arn)).toBeUndefined();
      expectRotatedOnce(arn, key.kid);
    },
  );

  test('of a full ring fails, and strands nobody', async () => {
    const keys = Array.from({ length: ringLimit }, () => generateKey(second() - 10));
    const arn = world().create(serializeKeyRing({ keys }));
    expect(await world().rotate(arn)).toMatch(/createSecret.*the ring is full/i);
    expect(world().current(arn)).toEqual({ keys });
  });
});

describe('a version', () => {
  test('that is current already is left alone by every step', async () => {
    const { arn } = create();
    await world().rotate(arn);
    const before = world().secret(arn);
    const version = before.versions.find(({ stages }) => stages.includes('AWSCURRENT'))?.id ?? '';
    for (const step of steps) await world().process(arn)(event(arn, version, step));
    expect(world().secret(arn)).toEqual(before);
  });

  test.each(steps)('that no rotation made is refused by %s', async (step) => {
    const { arn } = create();
    const run = world().process(arn)(event(arn, randomUUID(), step));
    await expect(run).rejects.toMatchObject({
      kind: 'secret',
      message: expect.stringMatching(/not pending/),
    });
  });

  test.each(['testSecret', 'finishSecret'])(
    'without a value is refused by %s, and stays pending',
    async (step) => {
      const { arn } = create();
      const version = await world().begin(arn);
      const run = world().process(arn)(event(arn, version, step));
      await expect(run).rejects.toMatchObject({
        kind: 'secret',
        message: expect.stringMatching(/no value yet/),
      });
      expect(pendingOf(world().secret(arn))).toBe(version);
    },
  );

  test('of another secret is refused: its signatures live for another time', async () => {
    const { arn } = create();
    const run = world().process(create().arn)(event(arn, await world().begin(arn), 'createSecret'));
    await expect(run).rejects.toMatchObject({ kind: 'configuration' });
  });

  test.each([[undefined], [{}], [{ Step: 'dropSecret', SecretId: 'x', ClientRequestToken: 'y' }]])(
    'is asked for by an event of Secrets Manager, which %j is not',
    async (given) => {
      await expect(world().process(create().arn)(given)).rejects.toMatchObject({ kind: 'event' });
    },
  );
});
