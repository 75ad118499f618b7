import { describe, expect, test } from '@jest/globals';
import { claimsOf, encode, headerOf, token, tokenWith } from '../harness/token.ts';
import type { World } from '../harness/world.ts';

/** One token has one spelling, and means the same to every reader. */
export function tokenFormTests(world: () => World): void {
  const whoami = (jwt: string) =>
    world().send('/v1/whoami', { headers: [['Authorization', `Bearer ${jwt}`]] });
  const refusedAs = async (reason: string, jwt: string): Promise<void> => {
    const reply = await whoami(jwt);
    expect(reply.status).toBe(401);
    expect(await world().reasonOf(reply)).toBe(reason);
  };
  const secret = (): string => world().tokenRing.signing.k;

  describe('exactly three canonical base64url parts', () => {
    const parts = (): readonly [string, string, string] => {
      const [header = '', payload = '', signature = ''] = tokenWith(world()).split('.');
      return [header, payload, signature];
    };
    /** The same bytes under another last character: the bits that it has to spare. */
    const stray = (part: string): string => {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return `${part.slice(0, -1)}${alphabet[alphabet.indexOf(part.at(-1) ?? 'A') + 1] ?? ''}`;
    };

    test('padding, white space, stray bits, other alphabets and unsigned tokens are malformed', async () => {
      const [header, payload, signature] = parts();
      for (const jwt of [
        `${header}.${payload}.${signature}=`,
        `${header}=.${payload}.${signature}`,
        `${header}.${payload}.${stray(signature)}`,
        `${header}.${payload}.`,
        `.${payload}.${signature}`,
        `${header}..${signature}`,
        `${header}.${payload}.${signature.slice(0, -2)}`,
        `${header}.${payload}.${signature}A`,
        `${header}.${payload}.+${signature.slice(1)}`,
        `${encode('{"alg":"none"}')}.${payload}.`,
        `${encode(' []')}.${payload}.${signature}`,
        '..',
        'a.b.c',
      ]) {
        await refusedAs('credential_malformed', jwt);
      }
    });

    test('more or fewer parts are no token, and no key either', async () => {
      const [header, payload, signature] = parts();
      for (const jwt of [
        `${header}.${payload}`,
        `${header}.${payload}.${signature}.`,
        `${header}.${payload}.${signature}.x.y`,
      ]) {
        await refusedAs('credential_malformed', jwt);
      }
    });

    test('white space inside ends the credential', async () => {
      const [header, payload, signature] = parts();
      for (const jwt of [`${header}. ${payload}.${signature}`, `${header}.${payload}.${signature} x`]) {
        await refusedAs('credential_malformed', jwt);
      }
    });
  });

  test.each(['sub', 'orgId', 'scopes', 'exp'])(
    'a payload that names %s twice is malformed, in any spelling',
    async (name) => {
      const claims = claimsOf(world());
      const text = JSON.stringify(claims).slice(0, -1);
      const escaped = `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;
      for (const again of [name, escaped]) {
        await refusedAs(
          'credential_malformed',
          token(headerOf(world()), `${text},"${again}":${JSON.stringify(claims[name])}}`, secret()),
        );
      }
    },
  );

  test('a header that names alg twice, or is no object, is malformed', async () => {
    const { kid } = world().tokenRing.signing;
    for (const header of [
      `{"alg":"none","alg":"HS256","typ":"ext+jwt","kid":"${kid}"}`,
      '[]',
      'null',
      '"HS256"',
      '{',
    ]) {
      await refusedAs('credential_malformed', token(header, claimsOf(world()), secret()));
    }
    for (const payload of ['[]', 'null', '1', '{', '']) {
      expect((await whoami(token(headerOf(world()), payload, secret()))).status).toBe(401);
    }
  });
}
