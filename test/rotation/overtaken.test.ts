import { describe, expect, test } from '@jest/globals';
import { generateKey, serializeKeyRing, signingKey } from '../../lambda/secrets/key-ring.ts';
import { margin, pendingOf } from './harness.ts';
import { bounds } from './ring.ts';
import { subject } from './subject.ts';

const { world, second, kids, create, expectRotatedOnce } = subject();

describe('what happens meanwhile', () => {
  /** A rotation up to a step; then what happens; then the rest. */
  async function interrupted(
    arn: string,
    after: string,
    happens: () => unknown,
  ): Promise<string | undefined> {
    const run = world().process(arn);
    return world().rotate(arn, async (given) => {
      await run(given);
      if (JSON.stringify(given).includes(after)) await happens();
    });
  }

  test.each(['createSecret', 'testSecret'])(
    'time: after %s it may be just as late as readers can bear',
    async (step) => {
      const { arn, first } = create();
      expect(await interrupted(arn, step, () => world().clock.advance(margin))).toBeUndefined();
      expectRotatedOnce(arn, first);
    },
  );

  test.each(['createSecret', 'testSecret'])(
    'too much time: after %s the key would sign before all know it, so it is withdrawn and another is made',
    async (step) => {
      const { arn, first } = create();
      const failure = await interrupted(arn, step, () => world().clock.advance(margin + 1001));
      expect(failure).toMatch(/withdrawn.*before every reader has seen it/);
      expect(kids(arn)).toEqual([first]);
      expect(pendingOf(world().secret(arn))).toBeUndefined();
      expect(await world().rotate(arn)).toBeUndefined();
      expectRotatedOnce(arn, first);
      expect(world().current(arn).keys[1]?.signFrom).toBe(second() + 1 + bounds.publishDelay);
    },
  );

  test.each(['createSecret', 'testSecret'])(
    'a revocation: after %s the key does not come back with the ring that was made before',
    async (step) => {
      const { arn, first } = create();
      const failure = await interrupted(arn, step, () => world().revoke(first));
      expect(failure).toMatch(/withdrawn.*has been revoked/);
      expect(await world().rotate(arn)).toBeUndefined();
      expect(kids(arn)).toEqual([expect.not.stringMatching(first)]);
      expect(signingKey(world().current(arn), world().clock())).toBeDefined();
    },
  );

  test.each(['createSecret', 'testSecret'])(
    'an operator: what is published after %s is not overwritten by a ring that does not know it',
    async (step) => {
      const { arn, first } = create();
      const theirs = { keys: [...world().current(arn).keys, generateKey(second() - 5)] };
      const failure = await interrupted(arn, step, () => world().publish(arn, serializeKeyRing(theirs)));
      expect(failure).toMatch(/withdrawn.*would not verify until it expires/);
      expect(world().current(arn)).toEqual(theirs);
      expect(await world().rotate(arn)).toBeUndefined();
      expect(kids(arn)).toEqual([first, theirs.keys[1]?.kid, expect.any(String)]);
    },
  );
});

test('an operator who publishes after the last look at the current ring is not overwritten', async () => {
  const { arn, first } = create();
  const theirs = { keys: [...world().current(arn).keys, generateKey(second() - 5)] };
  // createSecret finds no pending ring and reads the current one; testSecret and finishSecret read both.
  let read = 0;
  const after = (operation: string) => {
    if (operation === 'GetSecretValueCommand') read += 1;
    if (operation === 'GetSecretValueCommand' && read === 5) world().publish(arn, serializeKeyRing(theirs));
  };
  expect(await world().rotate(arn, world().process(arn, { after }))).toMatch(
    /finishSecret.*became current meanwhile/,
  );
  expect(world().current(arn)).toEqual(theirs);
  expect(await world().rotate(arn)).toMatch(/withdrawn/);
  expect(await world().rotate(arn)).toBeUndefined();
  expect(kids(arn)).toEqual([first, theirs.keys[1]?.kid, expect.any(String)]);
});

test.each(['createSecret', 'testSecret', 'finishSecret'])(
  'revocations that cannot be read at %s are a fault: nothing is published, and nothing withdrawn',
  async (step) => {
    const { arn, first } = create();
    const [well, unwell] = [world().process(arn), world().process(arn, { storeDown: true })];
    const failure = await world().rotate(arn, (given) =>
      JSON.stringify(given).includes(step) ? unwell(given) : well(given),
    );
    expect(failure).toMatch(new RegExp(`${step}.*DynamoDB did not answer`));
    expect(kids(arn)).toEqual([first]);
    expect(await world().rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, first);
  },
);

test('revoked keys leave the ring with the next rotation', async () => {
  const { arn, first } = create();
  await world().rotate(arn);
  const waiting = kids(arn)[1] ?? '';
  await world().revoke(waiting);
  expect(await world().rotate(arn)).toBeUndefined();
  expectRotatedOnce(arn, first);
  expect(kids(arn)).not.toContain(waiting);
});
