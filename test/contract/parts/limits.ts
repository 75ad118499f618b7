import { describe, expect, test } from '@jest/globals';
import { connect } from '../harness/connection.ts';
import { member, send } from '../harness/http.ts';
import type { Fields, Reply } from '../harness/http.ts';
import type { World } from '../harness/world.ts';

/** Contract §6: what is too large is refused before it is looked at. */
export function limitTests(world: () => World): void {
  const whoami = (headers: Fields): Promise<Reply> => world().send('/v1/whoami', { headers });
  const decision = (reply: Reply) => world().stack.decisions.of(reply.requestId, 5000);
  const tooLarge = async (headers: Fields): Promise<void> => {
    const reply = await whoami(headers);
    expect(reply.status).toBe(401);
    // No credential is named: nothing was parsed, hashed or read.
    expect(await decision(reply)).toMatchObject({
      reason: 'credential_malformed',
      credentialKind: 'none',
      reads: 0,
    });
  };
  /** A key of Better Auth's form, as long as asked, that nobody has. */
  const letters = (bytes: number): string => 'a'.repeat(bytes);

  describe('4,096 bytes of Authorization or x-api-key', () => {
    test('are looked at, one more is not', async () => {
      for (const name of ['Authorization', 'x-api-key']) {
        const scheme = name === 'Authorization' ? 'Bearer ' : '';
        const atLimit = await whoami([[name, `${scheme}${letters(4096 - scheme.length)}`]]);
        expect(await decision(atLimit)).toMatchObject({ credentialKind: 'api_key' });
        await tooLarge([[name, `${scheme}${letters(4097 - scheme.length)}`]]);
      }
    });

    test('are not exceeded by repeating the header', async () => {
      await tooLarge([
        ['x-api-key', letters(3000)],
        ['x-api-key', letters(3000)],
      ]);
    });
  });

  test('8,192 bytes of Cookie are looked at, one more is not, in one header or in two', async () => {
    const cookie = `better-auth-session=${world().alice.cookieNamed('better-auth-session')}; x=`;
    const filled = (bytes: number): string => cookie + letters(bytes - cookie.length);
    expect((await whoami([['Cookie', filled(8192)]])).status).toBe(200);
    await tooLarge([['Cookie', filled(8193)]]);
    await tooLarge([
      ['Cookie', filled(5000)],
      ['Cookie', `y=${letters(4000)}`],
    ]);
  });

  test('10,240 bytes of headers in all are too much, and a request just below, as the gateway hands it on, is not', async () => {
    const key: Fields = [['x-api-key', world().keys.alice.key]];
    const filling = (bytes: number): Fields => [...key, ['x-filling', letters(bytes)]];
    await tooLarge(filling(10_240));
    await tooLarge([
      ...key,
      ...Array.from({ length: 11 }, (_, index): [string, string] => [`x-${index}`, letters(1000)]),
    ]);
    expect((await whoami(filling(9500))).status).toBe(200);
  });

  test('each limit holds over the HTTP API and the WebSocket API as well', async () => {
    const key = world().keys.alice.key;
    const cookie = `better-auth-session=${world().alice.cookieNamed('better-auth-session')}; x=`;
    const filled = (bytes: number): string => cookie + letters(bytes - cookie.length);
    const cases: readonly (readonly [fits: boolean, headers: Fields])[] = [
      [false, [['x-api-key', letters(4097)]]],
      [false, [['Authorization', `Bearer ${letters(4090)}`]]],
      [true, [['Cookie', filled(8192)]]],
      [false, [['Cookie', filled(8193)]]],
      [
        true,
        [
          ['x-api-key', key],
          ['x-filling', letters(9000)],
        ],
      ],
      [
        false,
        [
          ['x-api-key', key],
          ['x-filling', letters(10_240)],
        ],
      ],
      [
        false,
        [
          ['x-api-key', key],
          ...Array.from({ length: 11 }, (_, index): [string, string] => [`x-${index}`, letters(1000)]),
        ],
      ],
    ];
    for (const [fits, more] of cases) {
      const headers: Fields = [...more, ['Origin', world().rest]];
      const http = await send(world().http, '/v1/whoami', { headers });
      const websocket = await connect(world().websocket, { headers });
      websocket.socket.terminate();
      expect([http.status, websocket.status]).toEqual(fits ? [200, 101] : [403, 401]);
      for (const { requestId } of fits ? [] : [http, websocket]) {
        expect(await world().stack.decisions.of(requestId, 5000)).toMatchObject({
          reason: 'credential_malformed',
          credentialKind: 'none',
          reads: 0,
        });
      }
    }
  });

  test('a value of 4,096 bytes counts bytes, not characters', async () => {
    await tooLarge([['x-api-key', '\u00e9'.repeat(4000)]]);
  });

  test('a header without a value is a header', async () => {
    const reply = await whoami([['x-api-key', '']]);
    expect(member(await decision(reply), 'reason')).toBe('credential_malformed');
  });
}
