import { byName, type Figure } from '../figure.ts';
import { measure, type Case } from '../measure.ts';
import type { Part } from '../part.ts';
import { blueprint } from '../peers/blueprint.ts';
import { oneHmac } from '../peers/floor.ts';
import { verifiers } from '../peers/verifiers.ts';
import { timingTable } from '../table.ts';
import { answering, isAllow, recording } from '../world/answering.ts';
import { extensionToken } from '../world/credentials.ts';
import { eventOf } from '../world/event.ts';
import { startWorld, type World } from '../world/world.ts';
import { coldKey, coldVerification, newToken, newTokenOfKnownId, newSession } from './first-sight.ts';

/** What every other figure of a decision is compared with. */
export const floor = 'one HMAC-SHA256';

const bearer = (token: string) => eventOf({ Authorization: `Bearer ${token}` });

export const decision: Part = {
  name: 'decision',
  title: 'event → answer in process, beside peers that do the same work',
  async run({ rounds }, progress) {
    const world = await startWorld();
    const recorded = recording();
    try {
      const cases = [
        ...(await peers(world)),
        ...repeats(world, recorded.on),
        newTokenOfKnownId(world),
        newToken(world),
        newSession(world),
        coldKey(world),
        coldVerification(world),
      ];
      progress(`${cases.length} cases, ${rounds} rounds`);
      const figures = await measure(cases, rounds);
      return { figures, table: timingTable(figures, reference(figures), 'HMAC') };
    } finally {
      recorded.stop();
      await world.stop();
    }
  },
};

function reference(figures: readonly Figure[]): Figure {
  const found = byName(figures).get(floor);
  if (!found) throw new Error('The floor was not measured.');
  return found;
}

async function peers({ rings, person, auth }: World): Promise<readonly Case[]> {
  const secret = rings.token.signing.k;
  const token = extensionToken(person, rings.token.signing);
  const libraries = await verifiers(secret, token, person);
  const jose = libraries.find(({ name }) => name === 'jose');
  const headers = new Headers({ cookie: person.cookie });
  return [
    { name: floor, calls: 1000, run: oneHmac(secret, token) },
    ...libraries.map(({ name, token: own, verify }) => {
      const handler = blueprint(verify);
      const event = bearer(own);
      return { name: `blueprint with ${name}`, calls: 100, run: () => handler(event), isRight: isAllow };
    }),
    { name: 'jose.jwtVerify alone', calls: 50, run: () => jose?.verify(token) },
    {
      name: 'Better Auth getSession, cookie cache',
      calls: 5,
      run: () => auth.api.getSession({ headers }),
      isRight: (answer) => answer !== null,
    },
    {
      name: 'Better Auth verifyApiKey',
      calls: 5,
      run: () => auth.api.verifyApiKey({ body: { key: person.apiKey } }),
      isRight: (answer) => Object(answer).valid === true,
    },
  ];
}

/** One credential of each kind, presented again and again to a process that knows it. */
function repeats(world: World, record: ReturnType<typeof recording>['on']): readonly Case[] {
  const { rings, person, compose } = world;
  const events = {
    'extension token': bearer(extensionToken(person, rings.token.signing)),
    'session, cookie cache': eventOf({ Cookie: person.cookie }),
    'API key': eventOf({ 'x-api-key': person.apiKey }),
  };
  return Object.entries(events).flatMap(([kind, event]): Case[] => {
    const authority = compose();
    const answer = answering(authority);
    const answerRecorded = record(authority);
    // Facts are read again every few seconds: just before a batch, so that the batch finds them fresh.
    const prepare = async (): Promise<void> => void (await answer(event));
    return [
      { name: `${kind}, repeat`, calls: 100, prepare, run: () => answer(event), isRight: isAllow },
      {
        name: `${kind}, repeat, with line`,
        calls: 100,
        prepare,
        run: () => answerRecorded(event),
        isRight: isAllow,
      },
    ];
  });
}
