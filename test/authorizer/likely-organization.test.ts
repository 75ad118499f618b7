import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { observe, roundTrips } from '../../bench/world/observed.ts';
import { authority } from '../../lambda/authorizer/authority.ts';
import { decide } from '../../lambda/core/decide.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { noteOrganization } from '../../lambda/store/key-organization.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { restEvent } from '../support/event.ts';
import { newKey, type TestKey } from '../support/limited-key.ts';
import { patientClient } from '../support/patient.ts';
import { acme, environment, globex, initech } from '../support/world.ts';
import { digest } from '../support/world/place.ts';

let world: TestAuthorizer;
let key: TestKey;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => {
  key = newKey(world);
  world.clock.advance(start - world.clock());
});

/** The first decision of a new process: the organization, and how many requests had to wait for another. */
async function first(): Promise<{ readonly organization: string | undefined; readonly trips: number }> {
  const client = patientClient(world.engine);
  const observer = observe(client);
  const by = authority(
    readConfig({ ...environment, AUTH_TABLE_NAME: world.table }),
    { dynamodb: client, secretsManager: () => world.secrets.client() },
    world.clock,
  );
  const request = rest.read(
    restEvent({ method: 'GET', path: '/v1/whoami', headers: { 'x-api-key': key.key } }),
  );
  const { organization } = await decide(by, request, world.clock());
  // Nobody waits for what it notes.
  const reads = observer.take().filter(({ command }) => command !== 'UpdateItemCommand');
  return { organization: organization?.id, trips: roundTrips(reads) };
}

/** The row, once it says where the key acts: nobody waits for that, so it is looked at until it does. */
async function noted(): Promise<Record<string, unknown>> {
  for (;;) {
    const row = await key.stored();
    if (row['likelyOrganizationId'] === acme.id) return row;
  }
}

describe('where a key acted before', () => {
  test('is read ahead: its organization and that are known after two round trips', async () => {
    await key.store({ rateLimitEnabled: false, likelyOrganizationId: acme.id });
    expect(await first()).toEqual({ organization: acme.id, trips: 2 });
  });

  test('is never believed: a foreign, unknown or later organization gives way to the first', async () => {
    for (const likelyOrganizationId of [initech.id, globex.id, 'nowhere', '']) {
      await key.store({ rateLimitEnabled: false, likelyOrganizationId });
      expect((await first()).organization).toBe(acme.id);
    }
  });

  test('never reaches an organization that the key is not limited to', async () => {
    await key.store({
      rateLimitEnabled: false,
      likelyOrganizationId: acme.id,
      allowedOrganizations: [globex.id],
    });
    expect((await first()).organization).toBe(globex.id);
  });

  test('is noted at the first use, and corrected when it was wrong; nothing else of the row changes', async () => {
    for (const before of [{}, { likelyOrganizationId: initech.id }]) {
      await key.store({ rateLimitEnabled: false, lastRequest: new Date(start).toISOString(), ...before });
      const row = await key.stored();
      expect(await first()).toEqual({ organization: acme.id, trips: 4 });
      expect(await noted()).toEqual({ ...row, likelyOrganizationId: acme.id });
      expect((await first()).trips).toBe(2);
    }
  });

  test('is not noted of a key that was deleted meanwhile: no row comes back', async () => {
    await key.store({ rateLimitEnabled: false });
    const { client } = world.engine;
    await client.send(new DeleteItemCommand({ TableName: world.table, Key: marshall(key.rowKey) }));
    const note = noteOrganization(client, world.table, 10_000);
    await expect(note(digest(key.key), acme.id)).rejects.toThrow('conditional');
    expect(await key.stored()).toEqual({});
  });
});
