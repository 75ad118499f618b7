import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { generateApiKey } from '../../lambda/identity/api-keys.ts';
import { apiKeyKey, digest } from '../../lambda/store/keys.ts';
import { answering } from '../world/answering.ts';
import { extensionToken, sessionsLike } from '../world/credentials.ts';
import { eventOf, type Event } from '../world/event.ts';
import { put } from '../world/items.ts';
import { keyRow } from '../world/key-row.ts';
import { waves } from '../world/observed.ts';
import type { World } from '../world/world.ts';

/** One request with each kind of credential. */
export async function coldEvents(world: World): Promise<Readonly<Record<string, Event>>> {
  const { person, rings, writer, table } = world;
  const session = sessionsLike(person.cookie, person)();
  const apiKey = generateApiKey('live');
  const key = { ...keyRow(apiKey, person.userId), ...(await noted(world)) };
  await put(writer, table, [session.row, key].values());
  return {
    'API key': eventOf({ 'x-api-key': apiKey }),
    'session, cookie cache': eventOf({ Cookie: session.cookie(rings.session.signing) }),
    'extension token': eventOf({ Authorization: `Bearer ${extensionToken(person, rings.token.signing)}` }),
  };
}

/** What identity noted of where the person's key acts. */
async function noted({ writer, table, person }: World): Promise<object> {
  const { Item } = await writer.send(
    new GetItemCommand({ TableName: table, Key: marshall(apiKeyKey(digest(person.apiKey))) }),
  );
  const { likelyOrganizationId, likelyMark } = unmarshall(Item ?? {});
  return { likelyOrganizationId, likelyMark };
}

/** The calls that a decision makes in a process that knows nothing, in groups as it makes them. */
export async function callsOf(world: World, event: Event) {
  const { observer, compose } = world.watched();
  await answering(compose())(event);
  // What a use is noted by, nobody waits for.
  const asked = observer.take().filter(({ command }) => command !== 'UpdateItemCommand');
  const calls = waves(asked).map((wave) => wave.map(({ command, input }) => ({ command, input })));
  // An API key is verified by its row alone; the others by a signature, before anything is read.
  return { secretsFirst: event.headers['x-api-key'] === undefined, waves: calls };
}
