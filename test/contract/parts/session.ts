import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Reply } from '../harness/http.ts';
import { signIn } from '../harness/person.ts';
import { factsTtl } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

const tokenName = 'better-auth-session';
const dataName = 'better-auth.session_data';

export function sessionTests(world: () => World): void {
  const whoami = (...cookies: readonly string[]): Promise<Reply> =>
    world().send('/v1/whoami', { headers: cookies.map((cookie) => ['Cookie', cookie] as const) });
  const token = (): string => world().alice.cookieNamed(tokenName);
  const data = (): string => world().alice.cookieNamed(dataName);
  const sign = (text: string, secret: string): string =>
    encodeURIComponent(`${text}.${createHmac('sha256', secret).update(text).digest('base64')}`);
  const refusedAs = async (reason: string, ...cookies: readonly string[]): Promise<void> => {
    const reply = await whoami(...cookies);
    expect([cookies, reply.status]).toEqual([cookies, 401]);
    expect(await world().reasonOf(reply)).toBe(reason);
  };

  describe('the cookies of a session', () => {
    test('have the names and, in development, the attributes of the contract: host-only, Lax, no script', async () => {
      const { rest, alice } = world();
      const reply = await world().send('/api/auth/sign-in/email', {
        method: 'POST',
        headers: [['Origin', rest]],
        json: { email: alice.email, password: alice.password },
      });
      const set = reply.header('set-cookie');
      expect(set.map((each) => each.slice(0, each.indexOf('='))).toSorted()).toEqual(
        [tokenName, dataName].toSorted(),
      );
      for (const each of set) {
        expect(each).toMatch(/; Path=\//i);
        expect(each).toMatch(/; HttpOnly/i);
        expect(each).toMatch(/; SameSite=Lax/i);
        expect(each).not.toMatch(/; (?:Domain|Secure)/i);
      }
    });

    test('suffice together and without the cache; the cache alone is no credential', async () => {
      expect((await whoami(`${tokenName}=${token()}; ${dataName}=${data()}`)).status).toBe(200);
      expect((await whoami(`${tokenName}=${token()}`)).status).toBe(200);
      expect((await whoami(`${tokenName}=${decodeURIComponent(token())}`)).status).toBe(200);
      expect((await whoami(`theme=dark; ${tokenName}=${token()}`, 'other=x')).status).toBe(200);
      await refusedAs('credential_missing', `${dataName}=${data()}`);
    });

    test('are read under the bare names only where the URL is http', async () => {
      for (const name of [
        `__Secure-${tokenName}`,
        `__Host-${tokenName}`,
        'better-auth.session_token',
        tokenName.toUpperCase(),
      ]) {
        await refusedAs('credential_missing', `${name}=${token()}`);
      }
    });

    test('sent twice with different values are refused, in one header or in two; the same value twice is one', async () => {
      const mine = `${tokenName}=${token()}`;
      const other = `${tokenName}=${world().bob.cookieNamed(tokenName)}`;
      for (const cookies of [
        [`${mine}; ${other}`],
        [`${other}; ${mine}`],
        [mine, other],
        [`${mine}; ${tokenName}=`],
      ]) {
        await refusedAs('credential_ambiguous', ...cookies);
      }
      await refusedAs('credential_ambiguous', `${mine}; ${dataName}=${data()}; ${dataName}=x`);
      expect((await whoami(`${mine}; ${mine}`)).status).toBe(200);
      expect((await whoami(mine, mine)).status).toBe(200);
    });
  });

  describe('a session token', () => {
    test('that was changed, or signed with another key, is refused', async () => {
      const [text = '', signature = ''] = decodeURIComponent(token()).split('.');
      const { signing } = world().tokenRing;
      for (const value of [
        encodeURIComponent(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}.${signature}`),
        encodeURIComponent(`${text}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`),
        sign(text, 'x'.repeat(32)),
        // The ring of extension tokens signs no session.
        sign(text, signing.k),
      ]) {
        await refusedAs('signature_invalid', `${tokenName}=${value}`);
      }
    });

    test('that is not signed is malformed, whatever it is', async () => {
      const [text = '', signature = ''] = decodeURIComponent(token()).split('.');
      for (const value of [
        '',
        text,
        `${text}.`,
        `.${encodeURIComponent(signature)}`,
        encodeURIComponent(`${text}.${signature.slice(0, -1)}`),
        encodeURIComponent(`${text}.${signature}=`),
        encodeURIComponent(`${text}.${signature} `),
        '%',
        '%ff%fe',
        'a.b.c',
        '[object Object]',
      ]) {
        await refusedAs('credential_malformed', `${tokenName}=${value}`);
      }
    });

    test('that verifies and belongs to nobody is unknown, also with somebody’s cache', async () => {
      const forged = sign('A'.repeat(32), world().sessionRing.signing.k);
      await refusedAs('credential_unknown', `${tokenName}=${forged}`);
      await refusedAs('credential_unknown', `${tokenName}=${forged}; ${dataName}=${data()}`);
    });

    test('verifies under every key of the ring, also the one that does not sign yet', async () => {
      const [text = ''] = decodeURIComponent(token()).split('.');
      for (const { k } of world().sessionRing.all) {
        expect((await whoami(`${tokenName}=${sign(text, k)}`)).status).toBe(200);
      }
    });
  });

  test('another’s cache, or one that was changed, says nothing: the session’s row answers', async () => {
    const { alice, bob } = world();
    const changed = Buffer.from(data(), 'base64url').toString().replaceAll(alice.id, bob.id);
    for (const cache of [bob.cookieNamed(dataName), Buffer.from(changed).toString('base64url'), 'x', '']) {
      const reply = await whoami(`${tokenName}=${token()}; ${dataName}=${cache}`);
      expect(reply).toMatchObject({ status: 200, body: { userId: alice.id } });
    }
  });

  test('after sign-out the old cookies are refused within the facts bound, though their cache is still valid', async () => {
    const { rest, alice } = world();
    const device = await signIn(rest, rest, alice);
    const old = device.cookie();
    expect(old).toContain(dataName);
    expect((await whoami(old)).status).toBe(200);
    expect((await device.post('/api/auth/sign-out', {})).status).toBe(200);
    const signedOut = performance.now();
    let reply = await whoami(old);
    while (reply.status === 200 && performance.now() - signedOut < 5000) reply = await whoami(old);
    expect(reply.status).toBe(401);
    expect(await world().reasonOf(reply)).toBe('credential_unknown');
    // What was answered until then was read before: the bound, and the time one request takes.
    expect(performance.now() - signedOut).toBeLessThan(factsTtl * 1000 + 500);
    expect((await alice.ask('/v1/whoami')).status).toBe(200);
  });

  test('a user in no organization may sign in and is told that one is missing', async () => {
    expect(await world().carol.ask('/v1/whoami')).toMatchObject({
      status: 403,
      body: { reason: 'organization_missing' },
    });
  });

  test('a new session starts in the user’s first organization', async () => {
    const { rest, alice, acme } = world();
    const device = await signIn(rest, rest, alice);
    expect((await device.ask('/v1/whoami')).body).toMatchObject({ organizationId: acme.id });
    expect((await device.ask('/api/auth/get-session')).body).toMatchObject({
      session: { activeOrganizationId: acme.id, activeOrganizationSlug: acme.slug },
    });
  });
}
