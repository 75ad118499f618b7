import { apiKeyClient } from '@better-auth/api-key/client';
import { describe, expect, test } from '@jest/globals';
import { createAuthClient } from 'better-auth/client';
import { organizationClient } from 'better-auth/client/plugins';
import { send } from '../harness/http.ts';
import { password } from '../harness/person.ts';
import type { World } from '../harness/world.ts';

/** The client as published. Outside a browser it needs only what a browser does by itself: cookies, `Origin`. */
function createClient(url: string) {
  const jar = new Map<string, string>();
  const customFetchImpl = async (to: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers);
    headers.set('Origin', url);
    if (jar.size > 0) headers.set('Cookie', [...jar].map((pair) => pair.join('=')).join('; '));
    const response = await fetch(to, { ...init, headers });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      if (/max-age=0/i.test(cookie)) jar.delete(name);
      else jar.set(name, pair.slice(name.length + 1));
    }
    return response;
  };
  const plugins = [organizationClient(), apiKeyClient()];
  return { jar, client: createAuthClient({ baseURL: url, plugins, fetchOptions: { customFetchImpl } }) };
}

export function clientTests(world: () => World): void {
  describe.each(['rest', 'http'] as const)('the unmodified better-auth/client, at the %s URL', (api) => {
    const url = (): string => world()[api];
    const email = `dora-${api}@people.test`;
    const slug = `umbrella-${api}`;

    test('signs up, makes an organization and a key, lists and deletes it, signs out, and signs in again', async () => {
      const { client, jar } = createClient(url());
      const signedUp = await client.signUp.email({ name: 'Dora', email, password });
      expect(signedUp).toMatchObject({ error: null, data: { user: { email } } });
      expect((await client.getSession()).data?.user.email).toBe(email);

      const made = await client.organization.create({ name: 'Umbrella', slug });
      expect(made).toMatchObject({ error: null, data: { slug } });
      const active = await client.organization.setActive({ organizationSlug: slug });
      expect(active).toMatchObject({ error: null, data: { id: made.data?.id } });
      expect((await client.organization.list()).data).toHaveLength(1);

      const key = await client.apiKey.create({ name: 'first' });
      expect(key).toMatchObject({ error: null, data: { key: expect.stringMatching(/^crm_test_/) } });
      const whoami = await send(url(), '/v1/whoami', { headers: [['x-api-key', key.data?.key ?? '']] });
      expect(whoami).toMatchObject({ status: 200, body: { organizationSlug: slug, role: 'owner' } });

      const listed = await client.apiKey.list();
      expect(listed.data?.apiKeys.map(({ id }) => id)).toEqual([key.data?.id]);
      expect(JSON.stringify(listed.data)).not.toContain(key.data?.key);
      expect(await client.apiKey.delete({ keyId: key.data?.id ?? '' })).toMatchObject({
        data: { success: true },
      });
      expect((await client.apiKey.list()).data?.apiKeys).toEqual([]);

      expect(await client.signOut()).toMatchObject({ data: { success: true } });
      expect(jar.size).toBe(0);
      expect((await client.getSession()).data).toBeNull();
      expect(await client.signIn.email({ email, password })).toMatchObject({
        error: null,
        data: { user: { email } },
      });
      expect(jar.has('better-auth-session')).toBe(true);
    });

    test('is told 401 for a wrong password and 422 for an address that has an account', async () => {
      const { client, jar } = createClient(url());
      const { alice } = world();
      const wrong = await client.signIn.email({ email: alice.email, password: 'not the password' });
      expect(wrong.error?.status).toBe(401);
      const twice = await client.signUp.email({ name: 'Alice', email: alice.email, password });
      expect(twice.error?.status).toBe(422);
      expect(jar.size).toBe(0);
    });
  });
}
