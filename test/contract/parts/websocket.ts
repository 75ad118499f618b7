import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { connect, open } from '../harness/connection.ts';
import type { Connection, Opening } from '../harness/connection.ts';
import { member, send, textOf } from '../harness/http.ts';
import type { Fields } from '../harness/http.ts';
import { tokenWith } from '../harness/token.ts';
import { installation, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

/** An extension that may open WebSockets. */
const liveExtension = 'com.example.live';

/** The WebSocket API: who may connect, and what they are told. */
export function websocketTests(world: () => World): void {
  let live: string;
  const connections: Connection[] = [];
  beforeAll(async () => {
    const { alice } = world();
    const path = `/v1/extensions/${liveExtension}`;
    const json = { ...installation, scopes: ['realtime:connect'] };
    await mustBe(200, alice.ask(`${path}/installation`, { method: 'PUT', json }));
    live = textOf(await mustBe(201, alice.post(`${path}/token`, {})), 'token');
  });
  afterEach(() => {
    for (const each of connections.splice(0)) each.end();
  });

  const key = (name: 'alice' | 'bob' | 'carol' = 'alice') => ['x-api-key', world().keys[name].key] as const;
  const cookie = () => ['Cookie', world().alice.cookie()] as const;
  const bearer = (value: string) => ['Authorization', `Bearer ${value}`] as const;
  const from = (origin: string) => ['Origin', origin] as const;
  const opened = async (opening: Opening): Promise<Connection> => {
    const connection = await open(world().websocket, opening);
    connections.push(connection);
    return connection;
  };
  const refused = async (opening: Opening): Promise<readonly [status: number, reason: unknown]> => {
    const { status, requestId, socket } = await connect(world().websocket, opening);
    if (status === 101) socket.terminate();
    const decision = await world().stack.decisions.of(requestId, 5000);
    expect(decision).toMatchObject({ surface: 'websocket', route: '/', method: '$connect' });
    return [status, member(decision, 'reason')];
  };

  describe('over a WebSocket', () => {
    test('whoever is let in is told what they are known as, the same as over REST', async () => {
      const { rest, console: page } = world().stack.urls;
      const cases: readonly Fields[] = [
        [key()],
        [bearer(world().keys.bob.key)],
        [key(), ['x-tenant-id', 'globex']],
        [cookie(), from(rest)],
        [cookie(), from(page)],
        [cookie(), from(rest), ['x-tenant-id', 'globex']],
        [bearer(live)],
        // The origin rule is for sessions.
        [key(), from('https://attacker.test')],
      ];
      for (const headers of cases) {
        const connection = await opened({ headers });
        const known = (await send(rest, '/v1/whoami', { headers })).body;
        for (const text of ['who am I?', '{"action":"nothing"}', '']) {
          expect(await connection.ask(text)).toEqual({ message: known });
        }
        expect(connection.received()).toBe(3);
      }
    });

    test('nothing is sent to a connection that asked nothing', async () => {
      const [silent, asking] = await Promise.all([
        opened({ headers: [key()] }),
        opened({ headers: [key()] }),
      ]);
      for (let round = 0; round < 3; round += 1) await asking.ask();
      expect([silent.received(), asking.received()]).toEqual([0, 3]);
    });

    describe('a browser, which can set no header,', () => {
      test('offers its token as a subprotocol, and is answered crm.v1 and never the token', async () => {
        for (const protocols of [
          ['crm.v1', `bearer.${live}`],
          [`bearer.${live}`, 'crm.v1'],
        ]) {
          const connection = await opened({ protocols, headers: [from('https://attacker.test')] });
          expect(connection.protocol).toBe('crm.v1');
          expect(await connection.ask()).toMatchObject({
            message: { credentialKind: 'extension_token', credentialId: decodeJwt(live).jti },
          });
        }
      });

      test('that offers the token alone is answered no subprotocol, and ends the connection itself', async () => {
        await expect(connect(world().websocket, { protocols: [`bearer.${live}`] })).rejects.toThrow(
          /no subprotocol/,
        );
      });

      test('that offers crm.v1 with a session cookie is answered crm.v1', async () => {
        const headers: Fields = [cookie(), from(world().rest)];
        const connection = await opened({ protocols: ['crm.v1'], headers });
        expect(connection.protocol).toBe('crm.v1');
        expect(await connection.ask()).toMatchObject({ message: { credentialKind: 'session' } });
      });

      test('offers a token as final as one in a header: its cookie is not tried after it', async () => {
        const headers: Fields = [cookie(), from(world().rest)];
        const offer = (value: string): Opening => ({ protocols: ['crm.v1', `bearer.${value}`], headers });
        expect(await refused(offer('a.b.c'))).toEqual([401, 'credential_malformed']);
        expect(await refused(offer(world().keys.alice.key))).toEqual([401, 'credential_malformed']);
        expect(await refused(offer(tokenWith(world(), {}, { kid: 'nobody' })))).toEqual([
          401,
          'signature_invalid',
        ]);
        expect(await refused({ protocols: ['crm.v1', `bearer.${live}`], headers: [key()] })).toEqual([
          401,
          'credential_ambiguous',
        ]);
      });
    });

    test('whoever has no good credential is refused with 401', async () => {
      const expired = tokenWith(world(), { iat: 1_000_000_000, exp: 1_000_000_300 });
      const cases: readonly (readonly [reason: string, headers: Fields])[] = [
        ['credential_missing', []],
        ['credential_missing', [from(world().rest)]],
        ['credential_malformed', [['x-api-key', 'hello']]],
        ['credential_malformed', [['Authorization', ''], cookie(), from(world().rest)]],
        ['credential_ambiguous', [key('alice'), key('bob')]],
        ['credential_unknown', [['x-api-key', 'a'.repeat(64)]]],
        ['credential_expired', [bearer(expired)]],
        [
          'signature_invalid',
          [['Cookie', `better-auth-session=${'x.'.padEnd(45, 'A')}%3D`], from(world().rest)],
        ],
      ];
      for (const [reason, headers] of cases) expect(await refused({ headers })).toEqual([401, reason]);
    });

    test('no credential is taken from the query string', async () => {
      const { alice } = world();
      const names = [
        'token',
        'access_token',
        'authorization',
        'Authorization',
        'x-api-key',
        'bearer',
        'cookie',
      ];
      for (const value of [live, world().keys.alice.key, `Bearer ${live}`, alice.cookie()]) {
        const query = names.map((name) => `${name}=${encodeURIComponent(value)}`).join('&');
        expect(await refused({ at: `/?${query}` })).toEqual([401, 'credential_missing']);
      }
    });

    test('whoever is known but may not connect is refused with 403', async () => {
      const session = (...more: Fields): Fields => [cookie(), ...more];
      const cases: readonly (readonly [reason: string, headers: Fields])[] = [
        ['organization_missing', [key('carol')]],
        ['organization_forbidden', [key(), ['x-tenant-id', 'initech']]],
        ['organization_ambiguous', [key(), ['x-tenant-id', '']]],
        ['organization_mismatch', [bearer(live), ['x-tenant-id', 'globex']]],
        ['scope_insufficient', [bearer(tokenWith(world()))]],
        ['origin_untrusted', session()],
        ['origin_untrusted', session(from('https://attacker.test'))],
        ['origin_untrusted', session(from('null'))],
        ['origin_untrusted', session(from(world().stack.urls.extension))],
        ['origin_untrusted', session(from(`${world().rest}.attacker.test`))],
        ['origin_untrusted', session(['Sec-Fetch-Site', 'same-origin'])],
      ];
      for (const [reason, headers] of cases) expect(await refused({ headers })).toEqual([403, reason]);
    });

    test('no refusal tells what was presented, nor why', async () => {
      for (const headers of [
        [['x-api-key', 'hello']],
        [key(), ['x-tenant-id', 'initech']],
      ] satisfies Fields[]) {
        const { status, body } = await connect(world().websocket, { headers });
        expect(body).not.toMatch(/hello|initech|organization|crm_test/);
        expect([401, 403]).toContain(status);
      }
    });

    test('there is one address: any other path is refused', async () => {
      for (const at of ['/v1/whoami', '/dev', '/%24connect', '//']) {
        expect((await connect(world().websocket, { at, headers: [key()] })).status).toBe(403);
      }
    });
  });
}
