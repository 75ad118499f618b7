import { afterAll, afterEach, beforeAll, expect } from '@jest/globals';
import { generateKey, serializeKeyRing } from '../../lambda/secrets/key-ring.ts';
import { pendingOf, startWorld, type RotationWorld } from './harness.ts';

/** What the tests of the four steps look at: a secret before and after. */
export interface Subject {
  readonly world: () => RotationWorld;
  /** Now, in epoch seconds. */
  readonly second: () => number;
  readonly kids: (arn: string) => readonly string[];
  /** A secret with one key, which signs. */
  readonly create: () => { readonly arn: string; readonly first: string };
  /** A secret with this value. @returns its ARN */
  readonly createFrom: (value: string) => string;
  /** The ring is the first key and a new one, and nothing is pending. */
  readonly expectRotatedOnce: (arn: string, first: string) => void;
}

/** Starts a world for a test file. After each test, nothing the function said may hold a key. */
export function subject(): Subject {
  let world: RotationWorld;
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
  return {
    world: () => world,
    second,
    kids: (arn) => world.current(arn).keys.map(({ kid }) => kid),
    create: () => {
      const key = generateKey(second() - 10);
      secrets.add(key.k);
      return { arn: world.create(serializeKeyRing({ keys: [key] })), first: key.kid };
    },
    createFrom: (value) => {
      secrets.add(value);
      return world.create(value);
    },
    expectRotatedOnce: (arn, first) => {
      const { keys } = world.current(arn);
      for (const { k } of keys) secrets.add(k);
      expect(keys.map(({ kid }) => kid)).toEqual([first, expect.any(String)]);
      expect(pendingOf(world.secret(arn))).toBeUndefined();
    },
  };
}
