import { describe, expect, test } from '@jest/globals';
import { event, pendingOf, steps } from './harness.ts';
import { subject } from './subject.ts';

const { world, create, expectRotatedOnce } = subject();

describe('killed', () => {
  /** Around every call that it makes, however many those are. */
  test.each(['before', 'after'] as const)(
    '%s any of its calls and started again, it comes to one new key and leaves nothing pending',
    async (when) => {
      let call = 0;
      let failure: string | undefined;
      do {
        call += 1;
        const { arn, first } = create();
        failure = await world().rotate(arn, world().process(arn, { kill: { call, when } }));
        if (pendingOf(world().secret(arn)) !== undefined) expect(await world().rotate(arn)).toBeUndefined();
        expectRotatedOnce(arn, first);
      } while (failure !== undefined);
      expect(call).toBeGreaterThan(12);
    },
  );

  test.each(steps)('after %s and started again, it comes to one new key', async (last) => {
    const { arn, first } = create();
    const run = world().process(arn);
    let dead = false;
    const failure = await world().rotate(arn, async (given) => {
      if (dead) throw new Error('killed');
      await run(given);
      dead = JSON.stringify(given).includes(last);
    });
    if (last === 'finishSecret') expect(failure).toBeUndefined();
    else expect(await world().rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, first);
  });
});

describe('two at once', () => {
  test('in every step come to one ring', async () => {
    const { arn, first } = create();
    const version = await world().begin(arn);
    const [one, other] = [world().process(arn), world().process(arn)];
    for (const step of steps) {
      await Promise.all([one(event(arn, version, step)), other(event(arn, version, step))]);
    }
    expectRotatedOnce(arn, first);
  });

  test('one of them steps behind come to one ring', async () => {
    const { arn, first } = create();
    const version = await world().begin(arn);
    const [one, other] = [world().process(arn), world().process(arn)];
    const [create_, set, test_, finish] = steps.map((step) => event(arn, version, step));
    await Promise.all([one(create_), other(create_)]);
    await Promise.all([
      one(set)
        .then(() => one(test_))
        .then(() => one(finish)),
      other(set),
    ]);
    await other(test_);
    await other(finish);
    expectRotatedOnce(arn, first);
  });
});
