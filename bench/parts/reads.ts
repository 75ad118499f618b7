import type { Figure } from '../figure.ts';
import type { Part } from '../part.ts';
import type { Table } from '../table.ts';
import { number } from '../table.ts';
import { answering, isAllow } from '../world/answering.ts';
import { extensionToken, sessionsLike } from '../world/credentials.ts';
import { eventOf, type Event } from '../world/event.ts';
import { put } from '../world/items.ts';
import { roundTrips, type ObservedRequest } from '../world/observed.ts';
import { startWorld, type Watched, type World } from '../world/world.ts';

/** What one decision, or one call of Better Auth, asks of DynamoDB. */
interface Cost {
  readonly name: string;
  readonly requests: readonly ObservedRequest[];
}

export const reads: Part = {
  name: 'reads',
  title: 'requests to DynamoDB per decision: counted, and the capacity the engine says they took',
  async run(_options, progress) {
    const world = await startWorld();
    try {
      progress('each credential cold and warm, then Better Auth');
      const watched = world.watched();
      const costs = [...(await ours(world, watched)), ...(await betterAuths(world, watched))];
      return { figures: costs.flatMap(figuresOf), table: tableOf(costs) };
    } finally {
      await world.stop();
    }
  },
};

async function ours(world: World, watched: Watched): Promise<readonly Cost[]> {
  const costs: Cost[] = [];
  for (const [name, event] of Object.entries(await events(world))) {
    const answer = answering(watched.compose());
    for (const state of ['cold', 'warm']) {
      const requests = await observed(watched, async () => isAllow(await answer(event)));
      costs.push({ name: `${name}, ${state}`, requests });
    }
  }
  return costs;
}

async function events(world: World): Promise<Readonly<Record<string, Event>>> {
  const { person, rings, auth, writer, table } = world;
  const session = sessionsLike(person.cookie, person)();
  await put(writer, table, [session.row].values());
  const limited = await auth.api.createApiKey({
    body: { name: 'limited', userId: person.userId, remaining: 1000 },
  });
  return {
    'API key': eventOf({ 'x-api-key': person.apiKey }),
    'API key, x-tenant-id': eventOf({ 'x-api-key': person.apiKey, 'x-tenant-id': person.organizationSlug }),
    'API key with limits': eventOf({ 'x-api-key': limited.key }),
    'session, cookie cache': eventOf({ Cookie: session.cookie(rings.session.signing) }),
    'session, no cookie cache': eventOf({ Cookie: session.tokenCookie(rings.session.signing) }),
    'extension token': eventOf({ Authorization: `Bearer ${extensionToken(person, rings.token.signing)}` }),
  };
}

async function betterAuths({ person }: World, watched: Watched): Promise<readonly Cost[]> {
  const { api } = watched.auth;
  const headers = new Headers({ cookie: person.cookie.replace(/;.*/, '') });
  const verify = async () => (await api.verifyApiKey({ body: { key: person.apiKey } })).valid;
  return [
    { name: 'Better Auth verifyApiKey, cold', requests: await observed(watched, verify) },
    { name: 'Better Auth verifyApiKey, warm', requests: await observed(watched, verify) },
    {
      name: 'Better Auth getSession, no cookie cache',
      requests: await observed(watched, async () => (await api.getSession({ headers })) !== null),
    },
  ];
}

/** @throws when the call was refused: a refusal asks for less */
async function observed({ observer }: Watched, call: () => Promise<boolean>) {
  observer.take();
  if (!(await call())) throw new Error('A credential was refused.');
  // A use that is noted in the background is part of what the decision costs.
  await new Promise((resolve) => setTimeout(resolve, 20));
  return observer.take();
}

const isWrite = ({ command }: ObservedRequest): boolean => command.startsWith('Update');
const units = (requests: readonly ObservedRequest[]): number =>
  requests.reduce((sum, each) => sum + each.units, 0);

function figuresOf({ name, requests }: Cost): readonly Figure[] {
  const written = requests.filter(isWrite);
  const read = requests.filter((each) => !isWrite(each));
  return [
    { name: `${name}: requests`, value: requests.length, unit: 'requests' },
    { name: `${name}: sequential round trips`, value: roundTrips(requests), unit: 'round trips' },
    { name: `${name}: read units`, value: units(read), unit: 'units' },
    { name: `${name}: write units`, value: units(written), unit: 'units' },
  ];
}

const tableOf = (costs: readonly Cost[]): Table => ({
  head: ['', 'requests', 'one after the other', 'read units', 'write units', 'which'],
  rows: costs.map((cost) => [
    cost.name,
    ...figuresOf(cost).map(({ value }) => number(value)),
    cost.requests.map(({ command }) => command.replace('Command', '')).join(', '),
  ]),
});
