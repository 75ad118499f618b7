import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import { signIn, signUp } from '../harness/person.ts';
import type { Person } from '../harness/person.ts';
import { encode } from '../harness/token.ts';
import { found } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

const tokenName = 'better-auth-session';
const dataName = 'better-auth.session_data';
const minute = 60_000;

/**
 * Better Auth's cookie cache in both forms and in chunks, made here as Better Auth makes it (1.7.5). That it is
 * believed is seen from the organization: the cache says Globex where the session's row says Acme.
 */
export function cookieCacheTests(world: () => World): void {
  let device: Person;
  beforeAll(async () => {
    const { rest, alice } = world();
    device = await signIn(rest, rest, alice);
  });
  const cached = (): object =>
    Object(member(JSON.parse(Buffer.from(device.cookieNamed(dataName), 'base64url').toString()), 'session'));
  const inOrganization = (activeOrganizationId: string): object => ({
    ...cached(),
    session: { ...Object(member(cached(), 'session')), activeOrganizationId },
  });
  const inGlobex = (): object => inOrganization(world().globex.id);
  const key = (): string => world().sessionRing.signing.k;
  const hmac = (text: string, secret: string): string =>
    createHmac('sha256', secret).update(text).digest('base64url');
  const compact = (session: object, secret = key(), expiresAt = Date.now() + minute): string =>
    encode(
      JSON.stringify({
        session,
        expiresAt,
        signature: hmac(JSON.stringify({ ...session, expiresAt }), secret),
      }),
    );
  const jwt = (
    session: object,
    secret = key(),
    expiresAt = Date.now() + minute,
    header: object = { alg: 'HS256' },
  ): string => {
    const times = { iat: Math.floor(Date.now() / 1000), exp: Math.floor(expiresAt / 1000) };
    const signed = `${encode(JSON.stringify(header))}.${encode(JSON.stringify({ ...session, ...times }))}`;
    return `${signed}.${hmac(signed, secret)}`;
  };
  const whoami = (...data: readonly string[]): Promise<Reply> => {
    const pairs = [`${tokenName}=${device.cookieNamed(tokenName)}`, ...data];
    return world().send('/v1/whoami', { headers: [['Cookie', pairs.join('; ')]] });
  };
  const organizationBy = async (...data: readonly string[]): Promise<unknown> => {
    const { status, body } = await whoami(...data);
    return [status, member(body, 'organizationSlug')];
  };
  const whole = (value: string): string => `${dataName}=${value}`;
  const chunks = (value: string, size: number): readonly string[] =>
    Array.from(
      { length: Math.ceil(value.length / size) },
      (_, index) => `${dataName}.${index}=${value.slice(index * size, (index + 1) * size)}`,
    );

  describe('a cookie cache', () => {
    const forms = [
      ['compact', compact],
      ['jwt', jwt],
    ] as const;

    test.each(forms)(
      '%s, says who it is under every key of the ring, whole and in chunks',
      async (_, make) => {
        for (const { k } of world().sessionRing.all) {
          expect(await organizationBy(whole(make(inGlobex(), k)))).toEqual([200, 'globex']);
        }
        for (const size of [1000, 300, 64]) {
          const parts = chunks(make(inGlobex()), size);
          expect(await organizationBy(...parts)).toEqual([200, 'globex']);
          expect(await organizationBy(...parts.toReversed())).toEqual([200, 'globex']);
        }
      },
    );

    test.each(forms)('%s, that does not hold is a miss: the session’s row says Acme', async (_, make) => {
      const { bob, tokenRing } = world();
      const good = make(inGlobex());
      const [first = '', ...others] = chunks(good, 300);
      const session = Object(member(inGlobex(), 'session'));
      const misses: readonly (readonly string[])[] = [
        [],
        [whole(make(inGlobex(), 'x'.repeat(43)))],
        [whole(make(inGlobex(), tokenRing.signing.k))],
        [whole(make(inGlobex(), key(), Date.now() - 1000))],
        [whole(make({ ...inGlobex(), version: '2' }))],
        [whole(make({ ...inGlobex(), session: { ...session, token: 'A'.repeat(32) } }))],
        [whole(make({ ...inGlobex(), session: { ...session, expiresAt: '2020-01-01T00:00:00.000Z' } }))],
        [whole(good.slice(0, -1))],
        others,
        [first, ...others.slice(1)],
        [first],
        [`${dataName}.00=${good}`],
        [`${dataName}.1=${good}`],
        [`__Secure-${dataName}=${good}`],
      ];
      for (const data of misses)
        expect([data, await organizationBy(...data)]).toEqual([data, [200, 'acme-corp']]);
      // Signed with our key, and of another user than the row.
      const ofBob = make({ ...inGlobex(), session: { ...session, userId: bob.id } });
      expect((await whoami(whole(ofBob))).status).toBe(401);
    });

    test('jwt, of any other header than Better Auth’s own is a miss, alg none above all', async () => {
      for (const header of [
        { alg: 'none' },
        { alg: 'HS256', typ: 'JWT' },
        { typ: 'JWT', alg: 'HS256' },
        {},
      ]) {
        const data = jwt(inGlobex(), key(), Date.now() + minute, header);
        expect(await organizationBy(whole(data))).toEqual([200, 'acme-corp']);
        expect(await organizationBy(whole(`${data.slice(0, data.lastIndexOf('.'))}.`))).toEqual([
          200,
          'acme-corp',
        ]);
      }
    });

    test('says where somebody acts, never that they may: an organization they are not in is refused', async () => {
      for (const make of [compact, jwt]) {
        const reply = await whoami(whole(make(inOrganization(world().initech.id))));
        expect([reply.status, member(reply.body, 'reason')]).toEqual([403, 'organization_forbidden']);
      }
    });

    test('chunks sent twice with different values are refused', async () => {
      const [first = '', ...others] = chunks(compact(inGlobex()), 300);
      const reply = await whoami(first, ...others, `${dataName}.1=x`);
      expect([reply.status, await world().reasonOf(reply)]).toEqual([401, 'credential_ambiguous']);
    });
  });

  test('somebody with a name of 2,500 letters has a cache in chunks from Better Auth itself, and is let in by it', async () => {
    const { rest } = world();
    const kate = await signUp(rest, rest, 'kate');
    await found(kate, 'kate');
    expect((await kate.post('/api/auth/update-user', { name: 'k'.repeat(2500) })).status).toBe(200);
    expect(kate.cookie()).toContain(`${dataName}.0=`);
    expect(kate.cookie()).toContain(`${dataName}.1=`);
    const reply = await kate.ask('/v1/whoami');
    expect(reply).toMatchObject({ status: 200, body: { userId: kate.id, organizationSlug: 'kate' } });
    expect(await world().stack.decisions.of(reply.requestId, 5000)).toMatchObject({ effect: 'allow' });
  });
}
