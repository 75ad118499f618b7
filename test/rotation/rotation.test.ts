import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { generateKey, ringLimit, serializeKeyRing, signingKey } from '../../lambda/secrets/key-ring.ts';
import { bounds, event, margin, pendingOf, startWorld, steps, type RotationWorld } from './harness.ts';

let world: RotationWorld;
/** Every key text there ever was: none may be said. */
const secrets = new Set<string>();
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
afterEach(() => {
  for (const secret of secrets) expect(world.said.filter((line) => line.includes(secret))).toEqual([]);
  world.said.length = 0;
});

const second = () => Math.floor(world.clock() / 1000);
const kids = (arn: string) => world.current(arn).keys.map(({ kid }) => kid);
/** A secret with one key, which signs. */
function create(): { readonly arn: string; readonly first: string } {
  const key = generateKey(second() - 10);
  secrets.add(key.k);
  return { arn: world.create(serializeKeyRing({ keys: [key] })), first: key.kid };
}

function expectRotatedOnce(arn: string, first: string): void {
  const { keys } = world.current(arn);
  for (const { k } of keys) secrets.add(k);
  expect(keys.map(({ kid }) => kid)).toEqual([first, expect.any(String)]);
  expect(pendingOf(world.secret(arn))).toBeUndefined();
}

describe('a rotation', () => {
  test('publishes the ring with one key more, which waits, and keeps the version before as AWSPREVIOUS', async () => {
    const { arn, first } = create();
    expect(await world.rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, first);
    const [before, added] = world.current(arn).keys;
    expect(added?.signFrom).toBe(second() + 1 + bounds.publishDelay);
    expect(before?.verifyUntil).toBe(second() + 1 + bounds.publishDelay + 3600 + 30);
    expect(world.secret(arn).versions.map(({ stages }) => stages)).toEqual([
      ['AWSPREVIOUS'],
      ['AWSPENDING', 'AWSCURRENT'],
    ]);
  });

  test('inside the publish delay of another publishes the same keys', async () => {
    const { arn, first } = create();
    await world.rotate(arn);
    const { keys } = world.current(arn);
    world.clock.advance(60_000);
    expect(await world.rotate(arn)).toBeUndefined();
    expect(world.current(arn).keys).toEqual(keys);
    expectRotatedOnce(arn, first);
  });

  test('of a plain string carries it over, so that what it signed still verifies', async () => {
    const plain = 'a secret of before, as it was typed';
    secrets.add(plain);
    const arn = world.create(plain);
    const version = world.secret(arn).versions[0]?.id ?? '';
    expect(await world.rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, version);
    expect(world.current(arn).keys[0]).toMatchObject({ k: plain, signFrom: 0 });
  });

  test.each([['{"keys":['], ['{"keys":[]}'], ['short']])(
    'of a secret that holds %j fails and publishes nothing; once it is mended, the rotation is finished',
    async (value) => {
      const arn = world.create(value);
      expect(await world.rotate(arn)).toMatch(/createSecret.*holds no key ring/);
      expect(world.secret(arn).versions.map((version) => version.value)).toEqual([value, undefined]);
      const key = generateKey(second() - 10);
      world.publish(arn, serializeKeyRing({ keys: [key] }));
      expect(await world.rotate(arn)).toBeUndefined();
      expectRotatedOnce(arn, key.kid);
    },
  );

  test('of a full ring fails, and strands nobody', async () => {
    const keys = Array.from({ length: ringLimit }, () => generateKey(second() - 10));
    const arn = world.create(serializeKeyRing({ keys }));
    expect(await world.rotate(arn)).toMatch(/createSecret.*the ring is full/i);
    expect(world.current(arn)).toEqual({ keys });
  });
});

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
        failure = await world.rotate(arn, world.process(arn, { kill: { call, when } }));
        if (pendingOf(world.secret(arn)) !== undefined) expect(await world.rotate(arn)).toBeUndefined();
        expectRotatedOnce(arn, first);
      } while (failure !== undefined);
      expect(call).toBeGreaterThan(12);
    },
  );

  test.each(steps)('after %s and started again, it comes to one new key', async (last) => {
    const { arn, first } = create();
    const run = world.process(arn);
    let dead = false;
    const failure = await world.rotate(arn, async (given) => {
      if (dead) throw new Error('killed');
      await run(given);
      dead = JSON.stringify(given).includes(last);
    });
    if (last === 'finishSecret') expect(failure).toBeUndefined();
    else expect(await world.rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, first);
  });
});

describe('two at once', () => {
  test('in every step come to one ring', async () => {
    const { arn, first } = create();
    const version = await world.begin(arn);
    const [one, other] = [world.process(arn), world.process(arn)];
    for (const step of steps) {
      await Promise.all([one(event(arn, version, step)), other(event(arn, version, step))]);
    }
    expectRotatedOnce(arn, first);
  });

  test('one of them steps behind come to one ring', async () => {
    const { arn, first } = create();
    const version = await world.begin(arn);
    const [one, other] = [world.process(arn), world.process(arn)];
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

describe('a version', () => {
  test('that is current already is left alone by every step', async () => {
    const { arn } = create();
    await world.rotate(arn);
    const before = world.secret(arn);
    const version = before.versions.find(({ stages }) => stages.includes('AWSCURRENT'))?.id ?? '';
    for (const step of steps) await world.process(arn)(event(arn, version, step));
    expect(world.secret(arn)).toEqual(before);
  });

  test.each(steps)('that no rotation made is refused by %s', async (step) => {
    const { arn } = create();
    const run = world.process(arn)(event(arn, randomUUID(), step));
    await expect(run).rejects.toMatchObject({
      kind: 'secret',
      message: expect.stringMatching(/not pending/),
    });
  });

  test.each(['testSecret', 'finishSecret'])(
    'without a value is refused by %s, and stays pending',
    async (step) => {
      const { arn } = create();
      const version = await world.begin(arn);
      const run = world.process(arn)(event(arn, version, step));
      await expect(run).rejects.toMatchObject({
        kind: 'secret',
        message: expect.stringMatching(/no value yet/),
      });
      expect(pendingOf(world.secret(arn))).toBe(version);
    },
  );

  test('of another secret is refused: its signatures live for another time', async () => {
    const { arn } = create();
    const run = world.process(create().arn)(event(arn, await world.begin(arn), 'createSecret'));
    await expect(run).rejects.toMatchObject({ kind: 'configuration' });
  });

  test.each([[undefined], [{}], [{ Step: 'dropSecret', SecretId: 'x', ClientRequestToken: 'y' }]])(
    'is asked for by an event of Secrets Manager, which %j is not',
    async (given) => {
      await expect(world.process(create().arn)(given)).rejects.toMatchObject({ kind: 'event' });
    },
  );
});

describe('what happens meanwhile', () => {
  /** A rotation up to a step; then what happens; then the rest. */
  async function interrupted(
    arn: string,
    after: string,
    happens: () => unknown,
  ): Promise<string | undefined> {
    const run = world.process(arn);
    return world.rotate(arn, async (given) => {
      await run(given);
      if (JSON.stringify(given).includes(after)) await happens();
    });
  }

  test.each(['createSecret', 'testSecret'])(
    'time: after %s it may be just as late as readers can bear',
    async (step) => {
      const { arn, first } = create();
      expect(await interrupted(arn, step, () => world.clock.advance(margin))).toBeUndefined();
      expectRotatedOnce(arn, first);
    },
  );

  test.each(['createSecret', 'testSecret'])(
    'too much time: after %s the key would sign before all know it, so it is withdrawn and another is made',
    async (step) => {
      const { arn, first } = create();
      const failure = await interrupted(arn, step, () => world.clock.advance(margin + 1001));
      expect(failure).toMatch(/withdrawn.*before every reader has seen it/);
      expect(kids(arn)).toEqual([first]);
      expect(pendingOf(world.secret(arn))).toBeUndefined();
      expect(await world.rotate(arn)).toBeUndefined();
      expectRotatedOnce(arn, first);
      expect(world.current(arn).keys[1]?.signFrom).toBe(second() + 1 + bounds.publishDelay);
    },
  );

  test.each(['createSecret', 'testSecret'])(
    'a revocation: after %s the key does not come back with the ring that was made before',
    async (step) => {
      const { arn, first } = create();
      const failure = await interrupted(arn, step, () => world.revoke(first));
      expect(failure).toMatch(/withdrawn.*has been revoked/);
      expect(await world.rotate(arn)).toBeUndefined();
      expect(kids(arn)).toEqual([expect.not.stringMatching(first)]);
      expect(signingKey(world.current(arn), world.clock())).toBeDefined();
    },
  );

  test.each(['createSecret', 'testSecret'])(
    'an operator: what is published after %s is not overwritten by a ring that does not know it',
    async (step) => {
      const { arn, first } = create();
      const theirs = { keys: [...world.current(arn).keys, generateKey(second() - 5)] };
      const failure = await interrupted(arn, step, () => world.publish(arn, serializeKeyRing(theirs)));
      expect(failure).toMatch(/withdrawn.*would not verify until it expires/);
      expect(world.current(arn)).toEqual(theirs);
      expect(await world.rotate(arn)).toBeUndefined();
      expect(kids(arn)).toEqual([first, theirs.keys[1]?.kid, expect.any(String)]);
    },
  );
});

test('an operator who publishes after the last look at the current ring is not overwritten', async () => {
  const { arn, first } = create();
  const theirs = { keys: [...world.current(arn).keys, generateKey(second() - 5)] };
  // createSecret finds no pending ring and reads the current one; testSecret and finishSecret read both.
  let read = 0;
  const after = (operation: string) => {
    if (operation === 'GetSecretValueCommand') read += 1;
    if (operation === 'GetSecretValueCommand' && read === 5) world.publish(arn, serializeKeyRing(theirs));
  };
  expect(await world.rotate(arn, world.process(arn, { after }))).toMatch(
    /finishSecret.*became current meanwhile/,
  );
  expect(world.current(arn)).toEqual(theirs);
  expect(await world.rotate(arn)).toMatch(/withdrawn/);
  expect(await world.rotate(arn)).toBeUndefined();
  expect(kids(arn)).toEqual([first, theirs.keys[1]?.kid, expect.any(String)]);
});

test.each(['createSecret', 'testSecret', 'finishSecret'])(
  'revocations that cannot be read at %s are a fault: nothing is published, and nothing withdrawn',
  async (step) => {
    const { arn, first } = create();
    const [well, unwell] = [world.process(arn), world.process(arn, { storeDown: true })];
    const failure = await world.rotate(arn, (given) =>
      JSON.stringify(given).includes(step) ? unwell(given) : well(given),
    );
    expect(failure).toMatch(new RegExp(`${step}.*DynamoDB did not answer`));
    expect(kids(arn)).toEqual([first]);
    expect(await world.rotate(arn)).toBeUndefined();
    expectRotatedOnce(arn, first);
  },
);

test('revoked keys leave the ring with the next rotation', async () => {
  const { arn, first } = create();
  await world.rotate(arn);
  const waiting = kids(arn)[1] ?? '';
  await world.revoke(waiting);
  expect(await world.rotate(arn)).toBeUndefined();
  expectRotatedOnce(arn, first);
  expect(kids(arn)).not.toContain(waiting);
});
