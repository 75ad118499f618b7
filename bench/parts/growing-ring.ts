import { generateKey, serializeKeyRing, type RingKey } from '../../lambda/secrets/key-ring.ts';
import { answering, isAllow, type Answering } from '../world/answering.ts';
import { sessionsLike } from '../world/credentials.ts';
import { eventOf, type Event } from '../world/event.ts';
import { put } from '../world/items.ts';
import type { Ring } from '../world/place.ts';
import type { World } from '../world/world.ts';
import { pair, type Pair } from './pair.ts';

const secretOf = (size: number): string => `better-auth-ring-of-${size}`;
const older = (seconds: number): RingKey => generateKey(Math.floor(Date.now() / 1000) - seconds);

/** After two rotations: two keys that no longer sign, the one that does, and one that waits. */
export const ringsOfSizes = ({ signing, waiting }: Ring): Readonly<Record<string, string>> => ({
  [secretOf(1)]: serializeKeyRing({ keys: [signing] }),
  [secretOf(4)]: serializeKeyRing({ keys: [older(200_000), older(100_000), signing, waiting] }),
});

/** A cookie names no key, so each key of the ring is tried. Tokens name theirs. */
export function growingRing({ compose, person, rings, writer, table }: World): Pair {
  const next = sessionsLike(person.cookie, person);
  const key = rings.session.signing;
  return pair('1 → 4 keys in the ring, cookie cache at first sight', 1, 4, (size) => {
    let answer: Answering | undefined;
    let events: readonly Event[] = [];
    const prepare = async (): Promise<void> => {
      const sessions = Array.from({ length: 50 }, next);
      await put(writer, table, sessions.map(({ row }) => row).values());
      const fresh = answering(compose({ BETTER_AUTH_SECRET_ARN: secretOf(size) }));
      // The row is a fact by then; the cookie cache has not been seen.
      await Promise.all(sessions.map(({ tokenCookie }) => fresh(eventOf({ Cookie: tokenCookie(key) }))));
      answer = fresh;
      events = sessions.map(({ cookie }) => eventOf({ Cookie: cookie(key) }));
    };
    return { calls: 50, prepare, run: (index) => answer?.(events[index]), isRight: isAllow };
  });
}
