import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { decide } from '../../lambda/core/decide.ts';
import { installationKey, membershipKey, sessionKey } from '../../lambda/store/keys.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { start } from '../support/clock.ts';
import { restEvent, type Sent } from '../support/event.ts';
import { newKey } from '../support/limited-key.ts';
import { decided, patientProcess } from '../support/patient.ts';
import {
  acme,
  alice,
  cachedCookieOf,
  cookieOf,
  keyOf,
  extension,
  rows,
  tokenOf,
  tokenWith,
} from '../support/world.ts';
import { digest, iso } from '../support/world/place.ts';

let world: TestAuthorizer;
let by: MeteredAuthority;
beforeAll(async () => {
  world = await startAuthorizer();
});
afterAll(() => world.stop());
beforeEach(async () => {
  world.clock.advance(start - world.clock());
  await put(world.engine.client, world.table, rows);
  by = patientProcess(world);
});

const whoami = { method: 'GET', path: '/v1/whoami' };
const bearer = (token: string): Partial<Sent> => ({ headers: { authorization: `Bearer ${token}` } });
const presented = {
  'an API key': { headers: { 'x-api-key': keyOf('alice') } },
  'a session': { cookie: cookieOf('alice') },
  'a session with a cookie cache': { cookie: cachedCookieOf('alice') },
  'an extension token': bearer(tokenWith()),
} as const;

const ask = (sent: Partial<Sent>) => decided(by, world, sent);
const remove = (key: { readonly pk: string; readonly sk: string }) =>
  world.engine.client.send(
    new DeleteItemCommand({ TableName: world.table, Key: marshall({ pk: key.pk, sk: key.sk }) }),
  );
const after = (milliseconds: number) => world.clock.advance(start + milliseconds - world.clock());

describe.each<[string, Partial<Sent>]>(Object.entries(presented))(
  '%s that was presented a moment ago',
  (_, sent) => {
    test('is decided at once, by nothing that has to be asked', async () => {
      expect(await ask(sent)).toBe('allow');
      const request = rest.read(restEvent({ ...whoami, ...sent }));
      expect(decide(by, request, world.clock())).toMatchObject({ effect: 'allow' });
    });

    test('is decided for the route it asks for now', async () => {
      expect(await ask(sent)).toBe('allow');
      expect(await ask({ ...sent, path: '/v1/nowhere' })).toBe('route_unlisted');
      expect(await ask({ ...sent, method: 'DELETE', path: '/v1/extensions/x/installation' })).not.toBe(
        'allow',
      );
    });

    test('is asked for its organization again when it names one', async () => {
      expect(await ask(sent)).toBe('allow');
      const named = (tenant: string) => ({ ...sent, headers: { ...sent.headers, 'x-tenant-id': tenant } });
      expect(await ask(named('initech'))).not.toBe('allow');
      expect(await ask(named(''))).toBe('organization_ambiguous');
      expect(await ask(named('acme-corp'))).toBe('allow');
    });

    test('loses what its owner lost, fifteen seconds later at the latest', async () => {
      expect(await ask(sent)).toBe('allow');
      await remove(membershipKey(alice, acme.id));
      after(14_999);
      await ask(sent);
      after(15_000);
      expect(await ask({ ...sent, headers: { ...sent.headers, 'x-tenant-id': acme.slug } })).not.toBe(
        'allow',
      );
    });
  },
);

describe('what is remembered of a caller ends with', () => {
  test('the expiry of its key, to the millisecond', async () => {
    const key = newKey(world);
    await key.store({ rateLimitEnabled: false, expiresAt: iso(start + 3000) });
    expect(await key.use(by)).toBe('allow');
    after(2999);
    expect(await key.use(by)).toBe('allow');
    after(3000);
    expect(await key.use(by)).toBe('credential_expired');
  });

  test('the life of its token and the skew of clocks', async () => {
    const now = Math.floor(start / 1000);
    const sent = bearer(tokenWith({ iat: now - 28, exp: now - 27 }));
    expect(await ask(sent)).toBe('allow');
    after(2749);
    expect(await ask(sent)).toBe('allow');
    after(2750);
    expect(await ask(sent)).toBe('credential_expired');
  });

  test('the end of its session', async () => {
    const row = rows.find(({ pk }) => pk === `session#${digest(tokenOf('alice'))}`);
    await put(world.engine.client, world.table, [{ ...row, expiresAt: iso(start + 3000) }]);
    for (const sent of [presented['a session'], presented['a session with a cookie cache']]) {
      by = patientProcess(world);
      after(0);
      expect(await ask(sent)).toBe('allow');
      after(2999);
      expect(await ask(sent)).toBe('allow');
      after(3000);
      expect(await ask(sent)).toBe('credential_expired');
    }
  });

  test('its cookie cache: from then on the row says who it is', async () => {
    const sent = { cookie: cachedCookieOf('alice', { expiresAt: start + 3000 }) };
    expect(await ask(sent)).toBe('allow');
    after(3000);
    const before = by.reads();
    expect(await ask(sent)).toBe('allow');
    expect(by.reads() - before).toBe(0);
    await remove(sessionKey(digest(tokenOf('alice'))));
    after(15_000);
    expect(await ask(sent)).toBe('credential_unknown');
  });

  test('its installation, within the facts bound', async () => {
    const sent = presented['an extension token'];
    expect(await ask(sent)).toBe('allow');
    await remove(installationKey(acme.id, extension));
    after(15_000);
    expect(await ask(sent)).toBe('installation_inactive');
  });
});

describe('nothing is remembered of', () => {
  test('a key that is limited to addresses: from elsewhere it is refused', async () => {
    const key = newKey(world);
    await key.store({ rateLimitEnabled: false, allowedAddresses: ['192.0.2.7'] });
    expect(await key.use(by, '192.0.2.7')).toBe('allow');
    expect(await key.use(by, '192.0.2.8')).toBe('address_not_allowed');
    expect(await key.use(by, '192.0.2.7')).toBe('allow');
  });

  test('a key whose uses are counted', async () => {
    const key = newKey(world);
    await key.store({ rateLimitEnabled: false, remaining: 2 });
    expect(await key.use(by)).toBe('allow');
    expect(await key.use(by)).toBe('allow');
    expect(await key.use(by)).toBe('quota_exhausted');
  });

  test('a refusal: what was just granted is seen at once', async () => {
    const key = newKey(world);
    expect(await key.use(by)).toBe('credential_unknown');
    await key.store({ rateLimitEnabled: false });
    expect(await key.use(by)).toBe('allow');
  });
});
