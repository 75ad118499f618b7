import { setTimeout } from 'node:timers/promises';
import type { SecretKind } from '../../../lambda/runtime/config.ts';
import { signingKey } from '../../../lambda/secrets/key-ring.ts';
import type { Place } from './place.ts';

export interface Rotated {
  /** Rotations after which a new key came to sign. */
  readonly count: number;
  /** Rotations that were asked for while a key waited, and added none. */
  readonly idle: number;
  /** Rotations that took longer than the bounds leave them, and were asked for again. */
  readonly withdrawn: number;
}

export interface Moments {
  /** A rotation is about to be asked for. */
  readonly before: () => void;
  /** Its key is published, and waits. */
  readonly published: (rotation: number, kid: string) => Promise<void>;
}

/**
 * Rotates one secret so many times, each as soon as the key of the one before has really signed something: sooner,
 * a rotation would find a key that waits, and add none. Two of these are asked for as well, each time.
 */
export async function rotateAgainAndAgain(
  place: Place,
  kind: SecretKind,
  times: number,
  { before: about, published }: Moments,
): Promise<Rotated> {
  const { rings, credentials } = place;
  let [idle, withdrawn] = [0, 0];
  await settled(place, kind);
  for (let rotation = 1; rotation <= times; rotation += 1) {
    const before = await rings.current(kind);
    about();
    let failure = await rings.rotate(kind);
    while (failure !== undefined && /rotate again/.test(failure)) {
      withdrawn += 1;
      failure = await rings.rotate(kind);
    }
    if (failure !== undefined) throw new Error(`rotation ${rotation} of ${kind}: ${failure}`);
    const after = await rings.current(kind);
    const added = after.keys.filter(({ kid }) => !before.keys.some((key) => key.kid === kid));
    const [next, ...more] = added;
    if (!next || more.length > 0)
      throw new Error(`rotation ${rotation} of ${kind} added ${added.length} keys`);

    // Two more inside the publish delay.
    for (let again = 0; again < 2; again += 1) {
      const failed = await rings.rotate(kind);
      const { keys } = await rings.current(kind);
      if (failed !== undefined || keys.length !== after.keys.length)
        throw new Error(`a rotation of ${kind} within the publish delay: ${failed ?? 'added a key'}`);
      idle += 1;
    }
    await published(rotation, next.kid);
    while (!credentials.made(kind).has(next.kid)) await setTimeout(50);
  }
  return { count: times, idle, withdrawn };
}

/** Until the key that the ring was seeded with has signed: till then nothing can be added. */
async function settled({ rings, credentials }: Place, kind: SecretKind): Promise<void> {
  const ring = await rings.current(kind);
  const last = ring.keys.at(-1);
  if (!last || signingKey(ring, Date.now()) === last) return;
  while (!credentials.made(kind).has(last.kid)) await setTimeout(50);
}
