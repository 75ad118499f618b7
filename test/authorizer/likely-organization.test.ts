import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { observe, roundTrips } from '../../bench/world/observed.ts';
import { authority } from '../../lambda/authorizer/authority.ts';
import { decide } from '../../lambda/core/decide.ts';
import { readConfig } from '../../lambda/runtime/config.ts';
import { noteOrganization } from '../../lambda/store/key-organization.ts';
import { membershipsPlaced } from '../../lambda/store/keys.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { restEvent } from '../support/event.ts';
import { newKey, type TestKey } from '../support/limited-key.ts';
import { patientClient } from '../support/patient.ts';
import { acme, alice, environment, globex, initech } from '../support/world.ts';
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

interface First {
  readonly organization: string | undefined;
  /** How many requests had to wait for another. */
  readonly trips: number;
  readonly requests: number;
}

/** The first decision of a new process. @param tenant asked for with `x-tenant-id` */
async function first(tenant?: string): Promise<First> {
  const client = patientClient(world.engine);
  const observer = observe(client);
  const by = authority(
    readConfig({ ...environment, AUTH_TABLE_NAME: world.table }),
    { dynamodb: client, secretsManager: () => world.secrets.client() },
    world.clock,
  );
  const request = rest.read(
    restEvent({
      method: 'GET',
      path: '/v1/whoami',
      headers: { 'x-api-key': key.key, ...(tenant ? { 'x-tenant-id': tenant } : {}) },
    }),
  );
  const { organization } = await decide(by, request, world.clock());
  // Nobody waits for what it notes.
  const reads = observer.take().filter(({ command }) => command !== 'UpdateItemCommand');
  return { organization: organization?.id, trips: roundTrips(reads), requests: reads.length };
}

/** The row, once it says where the key acts: nobody waits for that, so it is looked at until it does. */
async function noted(isNoted = (_mark: unknown) => true): Promise<Record<string, unknown>> {
  for (;;) {
    const row = await key.stored();
    if (row['likelyOrganizationId'] === acme.id && isNoted(row['likelyMark'])) return row;
  }
}

const isMark = (mark: unknown): boolean => typeof mark === 'string';

describe('where a key acted before', () => {
  test('is read ahead: known after two round trips of one request each, with limits or without', async () => {
    for (const limits of [{ rateLimitEnabled: false }, { remaining: 1000 }]) {
      await key.store({ ...limits, likelyOrganizationId: acme.id, likelyMark: 'stale' });
      await first();
      await noted((mark) => mark !== 'stale');
      expect(await first()).toEqual({ organization: acme.id, trips: 2, requests: 2 });
    }
  });

  test('is looked for again, and noted again, once the user was given another membership', async () => {
    await key.store({ rateLimitEnabled: false, likelyOrganizationId: acme.id });
    await first();
    const { likelyMark } = await noted(isMark);
    await put(world.engine.client, world.table, [{ ...membershipsPlaced(alice), placed: 1 }]);
    expect(await first()).toEqual({ organization: acme.id, trips: 3, requests: 3 });
    await noted((mark) => mark !== likelyMark);
    expect(await first()).toMatchObject({ trips: 2, requests: 2 });
  });

  test('is never believed: a foreign, unknown or later organization gives way to the first', async () => {
    for (const likelyOrganizationId of [initech.id, globex.id, 'nowhere', '']) {
      await key.store({ rateLimitEnabled: false, likelyOrganizationId });
      expect((await first()).organization).toBe(acme.id);
    }
  });

  test('is read ahead for who asks for it too; any other has to be looked for among their own', async () => {
    await key.store({ rateLimitEnabled: false, likelyOrganizationId: acme.id });
    for (const [tenant, trips] of [
      [acme.id, 2],
      [acme.slug, 2],
      [globex.id, 4],
      [globex.slug, 4],
    ] as const) {
      const { organization, ...cost } = await first(tenant);
      expect([tenant, organization, cost.trips]).toEqual([tenant, trips > 2 ? globex.id : acme.id, trips]);
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
    const anything = (): boolean => true;
    for (const [before, uses] of [
      [{}, [[4, anything] as const, [3, isMark] as const]],
      [{ likelyOrganizationId: initech.id, likelyMark: 'wrong' }, [[5, isMark] as const]],
    ] as const) {
      await key.store({ rateLimitEnabled: false, lastRequest: new Date(start).toISOString(), ...before });
      const { likelyMark: _, ...row } = await key.stored();
      for (const [trips, isNoted] of uses) {
        expect(await first()).toMatchObject({ organization: acme.id, trips });
        const { likelyMark, ...others } = await noted(isNoted);
        expect(others).toEqual({ ...row, likelyOrganizationId: acme.id });
        expect(likelyMark).not.toBe('wrong');
      }
      expect(await first()).toMatchObject({ trips: 2, requests: 2 });
    }
  });

  test('is not noted of a key that was deleted meanwhile: no row comes back', async () => {
    await key.store({ rateLimitEnabled: false });
    const { client } = world.engine;
    await client.send(new DeleteItemCommand({ TableName: world.table, Key: marshall(key.rowKey) }));
    const note = noteOrganization(client, world.table);
    for (const mark of [null, 'mark']) {
      await expect(note(digest(key.key), acme.id, mark)).rejects.toThrow('conditional');
    }
    expect(await key.stored()).toEqual({});
  });
});
