import type { Auth } from '../../lambda/identity/auth.ts';
import type { Case } from '../measure.ts';
import { answering, isAllow, type Answering } from '../world/answering.ts';
import { extensionToken, randomId, sessionsLike } from '../world/credentials.ts';
import { eventOf, type Event } from '../world/event.ts';
import { put } from '../world/items.ts';
import type { World } from '../world/world.ts';

/**
 * Credentials that the process has never seen. To tell what verifying costs from what reading costs, the facts
 * about them are made fresh first: by showing the same session or the same `jti` signed with the ring's other
 * key. Nothing that is remembered about what was shown answers for what is shown then.
 */

const bearer = (token: string): Event => eventOf({ Authorization: `Bearer ${token}` });

interface Batch {
  readonly answer: Answering;
  readonly events: readonly Event[];
  /** Requests to DynamoDB so far. */
  readonly reads: () => number;
}

/** A case whose every batch is new. @throws when a batch needed a read: its facts were not fresh */
function fresh(name: string, calls: number, make: (calls: number) => Promise<Batch>): Case {
  let batch: Batch | undefined;
  let readsBefore = 0;
  return {
    name,
    calls,
    prepare: async () => {
      batch = await make(calls);
      readsBefore = batch.reads();
    },
    run: (index) => batch?.answer(batch.events[index]),
    isRight: (answer) => isAllow(answer) && batch?.reads() === readsBefore,
  };
}

const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);

/** All at once, so that their reads share requests. */
const show = (answer: Answering, events: readonly Event[]): Promise<unknown> =>
  Promise.all(events.map((event) => answer(event)));

export function newTokenOfKnownId({ compose, person, rings: { token } }: World): Case {
  return fresh('extension token, first sight', 200, async (calls) => {
    const authority = compose();
    const answer = answering(authority);
    const ids = times(calls, randomId);
    await show(
      answer,
      ids.map((jti) => bearer(extensionToken(person, token.waiting, jti))),
    );
    // Whether the key that signs was revoked is a fact as well.
    await answer(bearer(extensionToken(person, token.signing)));
    const events = ids.map((jti) => bearer(extensionToken(person, token.signing, jti)));
    return { answer, events, reads: authority.reads };
  });
}

/** A `jti` of its own: whether it was revoked has to be read. */
export function newToken({ compose, person, rings: { token } }: World): Case {
  const next = (): Event => bearer(extensionToken(person, token.signing));
  let answer: Answering | undefined;
  let events: readonly Event[] = [];
  return {
    name: 'extension token, first sight, with its read',
    calls: 20,
    prepare: async () => {
      answer = answering(compose());
      events = times(20, next);
      await answer(next());
    },
    run: (index) => answer?.(events[index]),
    isRight: isAllow,
  };
}

export function newSession({ compose, person, rings: { session }, writer, table }: World): Case {
  const next = sessionsLike(person.cookie, person);
  return fresh('session, cookie cache, first sight', 200, async (calls) => {
    const sessions = times(calls, next);
    await put(writer, table, sessions.map(({ row }) => row).values());
    const authority = compose();
    const answer = answering(authority);
    await show(
      answer,
      sessions.map(({ tokenCookie }) => eventOf({ Cookie: tokenCookie(session.waiting) })),
    );
    await answer(eventOf({ Cookie: person.cookie }));
    const events = sessions.map(({ cookie }) => eventOf({ Cookie: cookie(session.signing) }));
    return { answer, events, reads: authority.reads };
  });
}

/** The same of Better Auth: it looks for the key's row by its id, and remembers where it is. */
export function coldVerification({ newAuth, person }: World): Case {
  let processes: readonly Auth[] = [];
  return {
    name: 'Better Auth verifyApiKey, cold',
    calls: 5,
    prepare: async () => {
      processes = times(5, newAuth);
      await Promise.all(processes.map(({ $context }) => $context));
    },
    run: (index) => processes[index]?.api.verifyApiKey({ body: { key: person.apiKey } }),
    isRight: (answer) => Object(answer).valid === true,
  };
}

/** A process that knows nothing yet, for every call. */
export function coldKey({ compose, person }: World): Case {
  const event = eventOf({ 'x-api-key': person.apiKey });
  let processes: readonly Answering[] = [];
  return {
    name: 'API key, cold',
    calls: 5,
    prepare: () => {
      processes = times(5, () => answering(compose()));
    },
    run: (index) => processes[index]?.(event),
    isRight: isAllow,
  };
}
