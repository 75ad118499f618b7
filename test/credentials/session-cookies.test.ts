import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { revocationKey } from '../../lambda/store/keys.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { decided, decisionOf, patientProcess } from '../support/patient.ts';
import { acme, cachedCookieOf, cookieOf, globex } from '../support/world.ts';

let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(() => world.clock.advance(start - world.clock()));

/** Alice's session cookie and her cookie cache, each signed under a key of the ring. */
const cookiesUnder = (token: string, cache: string): string => {
  const [, data] = cachedCookieOf('alice', { kid: cache }).split('; ');
  return `${cookieOf('alice', token)}; ${data}`;
};

describe('a session whose two cookies were signed by two keys', () => {
  const both = cookiesUnder('session-retiring', 'session-signing');

  test.each([
    ['both, each once', both, ['session-retiring', 'session-signing']],
    ['one where it is one', cookiesUnder('session-signing', 'session-signing'), ['session-signing']],
    ['its own without a cookie cache', cookieOf('alice', 'session-retiring'), ['session-retiring']],
  ])('stands under %s', async (_, cookie, signedWith) => {
    expect(await decisionOf(patientProcess(world), world, { cookie })).toMatchObject({
      effect: 'allow',
      principal: { signedWith },
    });
  });

  test('is remembered for as long as the first of them verifies, to the millisecond', async () => {
    const by = patientProcess(world);
    const asked = async (at: number): Promise<string> => {
      world.clock.advance(start + at - world.clock());
      return decided(by, world, { cookie: both });
    };
    const end = 59_750;
    expect([await asked(end - 100), await asked(end - 1), await asked(end)]).toEqual([
      'allow',
      'allow',
      'signature_invalid',
    ]);
  });

  test.each(['session-retiring', 'session-signing'])('falls with either of them: %s', async (kid) => {
    const { client } = world.engine;
    const table = await world.engine.createIdentityTable();
    const elsewhere = { ...world, table };
    await client.send(new PutItemCommand({ TableName: table, Item: marshall(revocationKey('kid', kid)) }));
    expect(await decided(patientProcess(elsewhere), elsewhere, { cookie: both })).toBe('credential_revoked');
  });
});

test('a cookie cache answers for its own five minutes at most: then the row says where its session acts', async () => {
  const by = patientProcess(world);
  const cookie = cachedCookieOf('alice', {
    session: { activeOrganizationId: globex.id },
    expiresAt: start + 3000,
  });
  const organization = async () => (await decisionOf(by, world, { cookie })).organization?.id;
  expect(await organization()).toBe(globex.id);
  world.clock.advance(2999);
  expect(await organization()).toBe(globex.id);
  world.clock.advance(1);
  expect(await organization()).toBe(acme.id);
});
