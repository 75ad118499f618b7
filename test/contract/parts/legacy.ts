import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LocalStack } from '../../../local/stack.ts';
import { send, textOf } from '../harness/http.ts';
import type { Fields } from '../harness/http.ts';
import { signUp } from '../harness/person.ts';
import type { Person } from '../harness/person.ts';
import { token } from '../harness/token.ts';
import { found, installation, mustBe } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

/** Secrets and tokens of before there were key rings. */
export function legacyTests(world: () => World): void {
  describe('with plain secrets and EXTENSION_TOKEN_LEGACY=accept', () => {
    const secret = 'a-plain-secret-of-before-that-is-long-enough';
    let stack: LocalStack;
    let ida: Person;
    let organizationId: string;
    beforeAll(async () => {
      stack = await world().another({
        EXTENSION_TOKEN_SECRET: secret,
        BETTER_AUTH_SECRET: `${secret}-for-cookies`,
        EXTENSION_TOKEN_LEGACY: 'accept',
      });
      const { rest } = stack.urls;
      ida = await signUp(rest, rest, 'ida');
      organizationId = (await found(ida, 'ida')).id;
      await mustBe(200, ida.ask('/v1/extensions/any/installation', { method: 'PUT', json: installation }));
    }, 60_000);
    afterAll(() => stack?.stop());

    test('a token without kid, iss, sub and jti is taken, one that has some of them or another secret is not', async () => {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        aud: 'any',
        extension_id: 'any',
        userId: ida.id,
        orgId: organizationId,
        scopes: ['records:read'],
        iat: now,
        exp: now + 300,
      };
      const status = async (header: object, payload: object, key = secret): Promise<number> =>
        (
          await send(stack.urls.rest, '/v1/whoami', {
            headers: [['Authorization', `Bearer ${token({ ...header }, { ...payload }, key)}`]],
          })
        ).status;
      for (const header of [{ alg: 'HS256', typ: 'JWT' }, { alg: 'HS256' }])
        expect(await status(header, claims)).toBe(200);
      const header = { alg: 'HS256', typ: 'JWT' };
      expect(await status(header, claims, `${secret}x`)).toBe(401);
      expect(await status({ ...header, kid: 'environment' }, claims)).toBe(401);
      expect(await status({ alg: 'HS512', typ: 'JWT' }, claims)).toBe(401);
      for (const more of [
        { iss: stack.urls.rest },
        { sub: ida.id },
        { jti: 'x'.repeat(22) },
        { scopes: ['*'] },
        { exp: now + 3601 },
        { exp: now - 31 },
      ]) {
        expect([more, await status(header, { ...claims, ...more })]).toEqual([more, 401]);
      }
    });

    test('plain secrets serve sessions and new tokens as a ring does', async () => {
      expect((await ida.ask('/v1/whoami')).status).toBe(200);
      const minted = textOf(await mustBe(201, ida.post('/v1/extensions/any/token', {})), 'token');
      const headers: Fields = [['Authorization', `Bearer ${minted}`]];
      expect((await send(stack.urls.rest, '/v1/whoami', { headers })).status).toBe(200);
    });
  });
}
