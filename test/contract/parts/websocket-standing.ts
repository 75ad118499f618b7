import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { open } from '../harness/connection.ts';
import type { Connection } from '../harness/connection.ts';
import { member, textOf } from '../harness/http.ts';
import type { Fields } from '../harness/http.ts';
import { signIn, signUp } from '../harness/person.ts';
import type { Person } from '../harness/person.ts';
import { keyRow, memberRow, sessionRow, setOnRow } from '../harness/rows.ts';
import { createKey, factsTtl, installation, invite, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

/** A connection that was opened, and how what opened it is taken away. */
interface Case {
  readonly name: string;
  readonly open: () => Promise<Fields>;
  /** Its last word is when the clock of the bound starts. */
  readonly end: () => Promise<unknown>;
}

interface Ending {
  /** Milliseconds from the end of the credential to the end of the connection. */
  readonly took: number;
  /** Messages after the bound. */
  readonly late: number;
  readonly stillClosed: boolean;
}

/** API Gateway authorizes a WebSocket once; whoever is connected must still lose what they would lose elsewhere. */
export function websocketStandingTests(world: () => World): void {
  const bound = factsTtl * 1000 + 500;
  let heidi: Person;
  let ivan: Person;
  let judy: Person;
  let key: { readonly id: string; readonly key: string };
  let disabled: { readonly id: string; readonly key: string };
  let device: Person;
  let expiring: Person;
  const extension = 'com.example.uninstalled';
  const page = () => ['Origin', world().rest] as const;
  const byKey = (value: string): Fields => [['x-api-key', value]];
  const byCookie = (person: Person): Fields => [['Cookie', person.cookie()], page()];

  const cases: readonly Case[] = [
    {
      name: 'a session that was signed out',
      open: async () => byCookie(device),
      end: () => mustBe(200, device.post('/api/auth/sign-out', {})),
    },
    {
      name: 'a session that has ended',
      open: async () => byCookie(expiring),
      end: () =>
        setOnRow(
          world().stack,
          sessionRow(expiring.cookieNamed('better-auth-session')),
          'expiresAt',
          new Date(Date.now() - 1).toISOString(),
        ),
    },
    {
      name: 'a key that was deleted',
      open: async () => byKey(key.key),
      end: () => mustBe(200, heidi.post('/api/auth/api-key/delete', { keyId: key.id })),
    },
    {
      name: 'a key that was disabled',
      open: async () => byKey(disabled.key),
      end: () => setOnRow(world().stack, keyRow(disabled.key), 'enabled', false),
    },
    {
      name: 'a user who was removed from the organization',
      open: async () => byCookie(judy),
      end: () =>
        mustBe(
          200,
          world().alice.post('/api/auth/organization/remove-member', {
            organizationId: world().acme.id,
            memberIdOrEmail: judy.email,
          }),
        ),
    },
    {
      name: 'a user whose role may no longer connect',
      open: async () => byCookie(ivan),
      end: () => setOnRow(world().stack, memberRow(ivan.id, world().acme.id), 'role', 'auditor'),
    },
    {
      name: 'a token of an extension that was uninstalled',
      open: async () => {
        const json = { ...installation, scopes: ['realtime:connect'] };
        const path = `/v1/extensions/${extension}`;
        await mustBe(200, world().alice.ask(`${path}/installation`, { method: 'PUT', json }));
        const minted = await mustBe(201, world().alice.post(`${path}/token`, {}));
        return [['Authorization', `Bearer ${textOf(minted, 'token')}`]];
      },
      end: () =>
        mustBe(204, world().alice.ask(`/v1/extensions/${extension}/installation`, { method: 'DELETE' })),
    },
  ];
  const endings = new Map<string, Ending>();
  let kept: Connection;
  const all: Connection[] = [];

  beforeAll(async () => {
    const { rest, alice, acme, websocket, keys } = world();
    [heidi, ivan, judy] = await Promise.all([
      signUp(rest, rest, 'heidi'),
      signUp(rest, rest, 'ivan'),
      signUp(rest, rest, 'judy'),
    ]);
    for (const person of [heidi, ivan, judy]) {
      await invite(alice, person, acme);
      await mustBe(200, person.post('/api/auth/organization/set-active', { organizationId: acme.id }));
    }
    [key, disabled, device, expiring] = await Promise.all([
      createKey(heidi),
      createKey(heidi),
      signIn(rest, rest, alice),
      signIn(rest, rest, alice),
    ]);
    const started = async (fields: Fields): Promise<Connection> => {
      const connection = await open(websocket, { headers: fields });
      all.push(connection);
      expect(member(await connection.ask(), 'message')).toMatchObject({ organizationId: acme.id });
      return connection;
    };
    kept = await started(byKey(keys.alice.key));
    // At once, and each by somebody of its own: what ends one must not end another.
    await Promise.all(
      cases.map(async ({ name, open: credential, end }) => {
        const connection = await started(await credential());
        await end();
        endings.set(name, await ending(connection));
      }),
    );
  }, 60_000);
  afterAll(() => {
    for (const each of all) each.end();
  });

  /** Asks on and on, until the connection is closed or the bound is long past. */
  async function ending(connection: Connection): Promise<Ending> {
    const began = performance.now();
    const passed = (): number => performance.now() - began;
    let late = 0;
    while (passed() < 2 * bound) {
      const outcome = await connection.ask();
      if ('closed' in outcome) break;
      if (passed() > bound) late += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const took = passed();
    const before = connection.received();
    const stillClosed = 'closed' in (await connection.ask());
    return { took, late: late + connection.received() - before, stillClosed };
  }

  describe('a connection is closed within the facts bound, and sent nothing after it, of', () => {
    test.each(cases.map(({ name }) => name))('%s', (name) => {
      const { took = Infinity, late, stillClosed } = endings.get(name) ?? {};
      expect({ late, stillClosed }).toEqual({ late: 0, stillClosed: true });
      expect(took).toBeLessThan(bound);
    });
  });

  test('a connection whose credential stands is kept, whatever happens to others', async () => {
    expect(await kept.ask()).toMatchObject({ message: { credentialId: world().keys.alice.id } });
  });
}
