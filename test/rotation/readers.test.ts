import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { breaker } from '../../lambda/runtime/breaker.ts';
import {
  generateKey,
  serializeKeyRing,
  signingKey,
  verificationKeys,
} from '../../lambda/secrets/key-ring.ts';
import { secretSource, type SecretSource } from '../../lambda/secrets/secret-source.ts';
import { fetchSecret } from '../../lambda/secrets/secrets-manager.ts';
import { startWorld, type RotationWorld } from './harness.ts';
import { bounds } from './ring.ts';

const limits = { ttl: 300_000, stale: 3_600_000 };
let world: RotationWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

interface Reader {
  readonly source: SecretSource;
  /** Secrets Manager does not answer this one. */
  reachable: boolean;
}

function reader(arn: string): Reader {
  const client = world.client();
  const fetch = fetchSecret(() => client, { arn }, breaker('secret', 'Secrets Manager', world.clock));
  const made: Reader = {
    reachable: true,
    source: secretSource(
      () => (made.reachable ? fetch() : Promise.reject(new Error('unreachable'))),
      limits,
      world.clock,
    ),
  };
  return made;
}

interface Signed {
  readonly kid: string;
  readonly mac: string;
  /** Epoch milliseconds. */
  readonly expires: number;
}
const macOf = (k: string) => createHmac('sha256', k).update('a message').digest('hex');

async function sign({ source }: Reader): Promise<Signed> {
  const key = signingKey(await source.ring(), world.clock());
  if (!key) throw new Error('no key signs');
  return { kid: key.kid, mac: macOf(key.k), expires: world.clock() + bounds.longestLifetime * 1000 };
}

/** As the authenticators do: a name that is unknown asks again, within limits. */
async function verifies({ source }: Reader, { kid, mac }: Signed): Promise<boolean> {
  const find = (ring: Awaited<ReturnType<SecretSource['ring']>>) =>
    verificationKeys(ring, world.clock()).find((key) => key.kid === kid);
  const key = find(await source.ring()) ?? find(await source.refreshed());
  return key !== undefined && macOf(key.k) === mac;
}

const create = () =>
  world.create(serializeKeyRing({ keys: [generateKey(Math.floor(world.clock() / 1000) - 10)] }));

describe('ten rotations as close together as the bounds allow', () => {
  test('reject nothing that warm, cold and cut-off readers signed, and every key comes to sign', async () => {
    const arn = create();
    const warm = [reader(arn), reader(arn)];
    const signedWith = new Set<string>();
    let valid: Signed[] = [];
    for (let rotation = 0; rotation < 10; rotation += 1) {
      // Cut off from Secrets Manager from before the rotation, for less than the stale maximum.
      const cutOff = reader(arn);
      await cutOff.source.ring();
      cutOff.reachable = false;
      const cutOffAt = world.clock();
      expect(await world.rotate(arn)).toBeUndefined();
      for (let elapsed = 0; elapsed <= bounds.publishDelay + 191; elapsed += 191) {
        if (world.clock() - cutOffAt >= limits.stale - 191_000) cutOff.reachable = true;
        const readers = [...warm, cutOff, reader(arn)];
        for (const each of readers) valid.push(await sign(each));
        valid = valid.filter(({ expires }) => expires > world.clock());
        for (const each of readers) {
          for (const signed of new Map(valid.map((one) => [one.kid, one])).values()) {
            expect(await verifies(each, signed)).toBe(true);
          }
        }
        for (const { kid } of valid) signedWith.add(kid);
        world.clock.advance(191_000);
      }
    }
    expect(signedWith.size).toBe(11);
  }, 60_000);
});
