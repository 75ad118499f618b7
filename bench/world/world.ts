import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { authority, type MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { dynamodbAdapter } from '../../lambda/identity/adapter/index.ts';
import { createAuth, type Auth } from '../../lambda/identity/auth.ts';
import { identityLayout } from '../../lambda/identity/layout.ts';
import { clientSettings, slim } from '../../lambda/runtime/aws-client.ts';
import { systemClock } from '../../lambda/runtime/clock.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { facts } from '../../lambda/store/facts.ts';
import { noteOrganization } from '../../lambda/store/key-organization.ts';
import { identityTable } from '../../lambda/store/identity-table.ts';
import { startEngine } from '../../local/engine.ts';
import { createTable } from './items.ts';
import { observe, type Observer } from './observed.ts';
import { newPerson, type Person } from './person.ts';
import { credentials, environment, newRing, region, valueOfRing, type Ring } from './place.ts';
import { startSecrets } from './secrets.ts';

/** The product's parts on real engines, and Better Auth on the same data with the same client. */
export interface World {
  readonly table: string;
  /** Writes what is to be found, in its own time: the limits of the decision path are too tight for that. */
  readonly writer: DynamoDBClient;
  readonly endpoints: { readonly dynamodb: string; readonly secretsManager: string };
  readonly rings: { readonly session: Ring; readonly token: Ring };
  readonly auth: Auth;
  /** Better Auth in a new process's state: it has to find everything out. */
  readonly newAuth: () => Auth;
  readonly person: Person;
  /** A new process's state: nothing cached. @param variables of the environment, over those of the place */
  readonly compose: (variables?: Readonly<Record<string, string>>) => MeteredAuthority;
  /** A client of its own whose requests are watched, an authority on it, and Better Auth on it. */
  readonly watched: () => Watched;
  readonly stop: () => Promise<void>;
}

export interface Watched {
  readonly observer: Observer;
  readonly compose: () => MeteredAuthority;
  readonly auth: Auth;
}

const table = 'identity';
const configured = (variables: Readonly<Record<string, string>> = {}) =>
  readConfig({ ...environment, AUTH_TABLE_NAME: table, ...variables });
const config = configured();

/** @param ringsOf further secrets by name, made of the ring of sessions */
export async function startWorld(
  ringsOf: (session: Ring) => Readonly<Record<string, string>> = () => ({}),
): Promise<World> {
  const rings = { session: newRing(), token: newRing() };
  const [engine, secrets] = await Promise.all([
    startEngine(),
    startSecrets({
      [environment.BETTER_AUTH_SECRET_ARN]: valueOfRing(rings.session),
      [environment.EXTENSION_TOKEN_SECRET_ARN]: valueOfRing(rings.token),
      ...ringsOf(rings.session),
    }),
  ]);
  const made: { destroy(): void }[] = [];
  const newClient = (settings: object = clientSettings()): DynamoDBClient => {
    const client = slim(new DynamoDBClient({ ...settings, endpoint: engine.endpoint, region, credentials }));
    made.push(client);
    return client;
  };
  const secretsManager = new SecretsManagerClient({
    ...clientSettings(),
    endpoint: secrets.endpoint,
    region,
    credentials,
  });
  made.push(secretsManager);
  const composeOn =
    (client: DynamoDBClient): World['compose'] =>
    (variables) =>
      authority(
        configured(variables),
        { dynamodb: client, secretsManager: () => secretsManager },
        systemClock,
      );
  const authOn = (client: DynamoDBClient): Auth => betterAuthOn(client, rings.session);

  const dynamodb = newClient();
  const writer = newClient({});
  await createTable(writer, table);
  const auth = authOn(dynamodb);
  return {
    table,
    writer,
    endpoints: { dynamodb: engine.endpoint, secretsManager: secrets.endpoint },
    rings,
    auth,
    newAuth: () => authOn(dynamodb),
    person: await newPerson(authOn(writer), writer, table),
    compose: composeOn(dynamodb),
    watched() {
      const client = newClient();
      return { observer: observe(client), compose: composeOn(client), auth: authOn(client) };
    },
    async stop() {
      for (const client of made) client.destroy();
      await Promise.all([engine.stop(), secrets.stop()]);
    },
  };
}

/** Better Auth as the identity function runs it. */
const betterAuthOn = (client: DynamoDBClient, ring: Ring): Auth =>
  createAuth({
    config,
    database: dynamodbAdapter({ client, tableName: table, layout: identityLayout }),
    facts: facts(
      identityTable(client, table, (call) => call()),
      0,
      systemClock,
    ),
    removeInstallations: async () => {},
    noteOrganization: noteOrganization(client, table),
    secret: ring.signing.k,
  });
