import * as fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { runs } from '../../support/runs.ts';
import { member, send } from '../harness/http.ts';
import type { Fields, Reply, Sent } from '../harness/http.ts';
import { tokenWith } from '../harness/token.ts';
import type { World } from '../harness/world.ts';

type Request = readonly [path: string, sent?: Sent];

/** The HTTP API answers as the REST API does, as far as it can: what both are asked is compared. */
export function httpApiTests(world: () => World): void {
  const key = (name: 'alice' | 'bob' | 'carol' = 'alice') => ['x-api-key', world().keys[name].key] as const;
  const cookie = () => ['Cookie', world().alice.cookie()] as const;
  const bearer = (value: string) => ['Authorization', `Bearer ${value}`] as const;
  const tenant = (value: string) => ['x-tenant-id', value] as const;
  const origin = (value: string) => ['Origin', value] as const;

  const both = ([path, sent]: Request): Promise<readonly [rest: Reply, http: Reply]> =>
    Promise.all([send(world().rest, path, sent), send(world().http, path, sent)]);
  const decision = async (reply: Reply): Promise<unknown> => {
    const { surface: _, ...rest } = Object(await world().stack.decisions.of(reply.requestId, 5000));
    return [
      member(rest, 'effect'),
      member(rest, 'reason'),
      member(rest, 'credentialKind'),
      member(rest, 'principalId'),
    ];
  };
  /** Endpoints say why in a message; the gateway's own refusals have none. */
  const isRefusal = ({ status, body }: Reply): boolean =>
    (status === 401 || status === 403) && member(body, 'message') === undefined;
  const withoutId = ({ body }: Reply): unknown => {
    const { requestId: _, ...rest } = Object(body);
    return rest;
  };
  const agree = async (request: Request): Promise<void> => {
    const [rest, http] = await both(request);
    const { status } = http;
    if (isRefusal(rest)) {
      expect([request, status, http.text]).toEqual([request, 403, '{"message":"Forbidden"}']);
      expect(await decision(http)).toEqual(await decision(rest));
    } else if (member(rest.body, 'error') === 'not_found') {
      expect([request, status, http.text]).toEqual([request, 404, '{"message":"Not Found"}']);
    } else {
      expect([request, status, withoutId(http)]).toEqual([request, rest.status, withoutId(rest)]);
    }
  };

  describe('over the HTTP API', () => {
    test('whoever is let in is known as the same, in the same organization', async () => {
      const { alice, bob, acme, globex } = world();
      const token = tokenWith(world());
      const requests: readonly Fields[] = [
        [key()],
        [key(), tenant(globex.slug)],
        [key(), tenant(acme.id)],
        [bearer(world().keys.bob.key)],
        [cookie()],
        [cookie(), tenant('globex')],
        [['Cookie', `better-auth-session=${bob.cookieNamed('better-auth-session')}`]],
        [['Cookie', 'theme=dark'], cookie()],
        [bearer(token)],
        [key(), cookie()],
        [['X-API-KEY', world().keys.alice.key]],
      ];
      for (const headers of requests) {
        const [rest, http] = await both(['/v1/whoami', { headers }]);
        expect([http.status, http.body]).toEqual([200, rest.body]);
        expect(http.header('cache-control')).toEqual(['no-store']);
      }
      expect(member((await both(['/v1/whoami', { headers: [cookie()] }]))[1].body, 'userId')).toBe(alice.id);
    });

    test('whoever is refused gets its 403 {"message":"Forbidden"}, whatever the reason, which is recorded', async () => {
      const token = bearer(tokenWith(world()));
      const post = (path: string, ...headers: Fields): Request => [
        path,
        { method: 'POST', headers, json: {} },
      ];
      const whoami = (...headers: Fields): Request => ['/v1/whoami', { headers }];
      const requests: readonly (readonly [reason: string, request: Request])[] = [
        ['credential_missing', whoami()],
        ['credential_malformed', whoami(['Authorization', ''], cookie())],
        ['credential_malformed', whoami(['x-api-key', 'hello'])],
        ['credential_malformed', whoami(['x-api-key', 'x'.repeat(4097)])],
        ['credential_ambiguous', whoami(key(), token)],
        ['credential_ambiguous', whoami(key('alice'), key('bob'))],
        ['credential_ambiguous', whoami(cookie(), ['Cookie', world().bob.cookie()])],
        ['credential_unknown', whoami(['x-api-key', 'a'.repeat(64)])],
        [
          'credential_expired',
          whoami(bearer(tokenWith(world(), { iat: 1_000_000_000, exp: 1_000_000_300 }))),
        ],
        ['signature_invalid', whoami(bearer(tokenWith(world(), {}, { kid: 'nobody' })))],
        ['claims_invalid', whoami(bearer(tokenWith(world(), { aud: 'other' })))],
        ['organization_missing', whoami(key('carol'))],
        ['organization_ambiguous', whoami(key(), tenant('acme-corp'), tenant('globex'))],
        ['organization_forbidden', whoami(key(), tenant('initech'))],
        ['organization_forbidden', whoami(key(), tenant('nowhere'))],
        ['organization_mismatch', whoami(token, tenant('globex'))],
        ['scope_insufficient', post('/api/actions/execute', bearer(tokenWith(world(), { scopes: [] })))],
        ['credential_kind_not_accepted', post('/api/actions/execute', key())],
        ['route_unlisted', ['/v1/records/Contact', { headers: [key()] }]],
        ['origin_untrusted', post('/v1/records/contact', cookie())],
        ['origin_untrusted', post('/v1/records/contact', cookie(), origin('https://attacker.test'))],
        ['origin_untrusted', whoami(cookie(), origin('null'))],
        ['installation_inactive', whoami(bearer(tokenWith(world(), { aud: 'none', extension_id: 'none' })))],
      ];
      for (const [reason, request] of requests) {
        const [rest, http] = await both(request);
        expect([reason, http.status, http.body]).toEqual([reason, 403, { message: 'Forbidden' }]);
        expect([reason, await world().reasonOf(http)]).toEqual([reason, await world().reasonOf(rest)]);
        expect(await world().reasonOf(http)).toBe(reason);
        expect(await world().stack.decisions.of(http.requestId, 5000)).toMatchObject({ surface: 'http' });
      }
    });

    test('a route that is not listed is its 404, with a credential and without', async () => {
      for (const headers of [[], [key()], [cookie()]]) await agree(['/v1/nothing', { headers }]);
    });

    test('endpoints are the same: what one writes through it is read through the other', async () => {
      const { http, rest } = world();
      const headers = [cookie(), origin(http)];
      const created = await send(http, '/v1/records/parity', {
        method: 'POST',
        headers,
        json: { text: 'one' },
      });
      expect([created.status, member(created.body, 'text')]).toEqual([201, 'one']);
      const [first, second] = await both(['/v1/records/parity', { headers }]);
      expect(second.body).toEqual(first.body);
      expect(second.body).toEqual({ records: [created.body] });
      const json = { action: 'find_many', input: { entity: 'parity' } };
      const found = await send(http, '/api/actions/execute', {
        method: 'POST',
        headers: [bearer(tokenWith(world()))],
        json,
      });
      expect(found.body).toEqual({ result: { records: [created.body] } });
      const path = '/v1/extensions/com.example.parity';
      const installation = { name: 'Parity', origins: [], scopes: ['records:read'] };
      const put = await send(http, `${path}/installation`, { method: 'PUT', headers, json: installation });
      expect(put).toMatchObject({ status: 200, body: { extensionId: 'com.example.parity', enabled: true } });
      const minted = await send(http, `${path}/token`, { method: 'POST', headers, json: {} });
      expect(minted.status).toBe(201);
      const whoami: Fields = [bearer(String(member(minted.body, 'token')))];
      expect((await send(rest, '/v1/whoami', { headers: whoami })).status).toBe(200);
      expect((await send(http, `${path}/installation`, { method: 'DELETE', headers })).status).toBe(204);
    });

    test('an endpoint refuses in its own words, as over REST', async () => {
      const raw = (body: string): Request => [
        '/v1/records/contact',
        { method: 'POST', headers: [key()], body },
      ];
      for (const body of ['{', '[]', '"x"', '']) await agree(raw(body));
      await agree(['/v1/records/contact?limit=0', { headers: [key()] }]);
      await agree(['/v1/records/contact?cursor=x', { headers: [key()] }]);
      await agree([
        '/api/actions/execute',
        { method: 'POST', headers: [bearer(tokenWith(world()))], json: {} },
      ]);
    });

    test('whatever is sent is decided as over REST', async () => {
      const { keys, alice } = world();
      const value = fc.oneof(
        fc.constantFrom(
          '',
          'x',
          'acme-corp',
          'globex',
          'initech',
          'null',
          'cross-site',
          'https://attacker.test',
        ),
        fc.constantFrom(
          keys.alice.key,
          `Bearer ${keys.bob.key}`,
          `Bearer ${tokenWith(world())}`,
          alice.cookie(),
        ),
        fc.stringMatching(/^[!-~]{0,60}$/),
      );
      const name = fc.constantFrom(
        'x-api-key',
        'Authorization',
        'Cookie',
        'Origin',
        'x-tenant-id',
        'Sec-Fetch-Site',
      );
      // A repeated header is joined by commas here: the same value twice is one over REST and none over HTTP.
      const headers = fc.uniqueArray(fc.tuple(name, value), { maxLength: 4, selector: ([each]) => each });
      const path = fc.constantFrom('/v1/whoami', '/v1/records/contact', '/v1/records/A', '/v1/nothing');
      await fc.assert(
        fc.asyncProperty(path, headers, (at, fields) => agree([at, { headers: fields }])),
        runs(60),
      );
    });
  });
}
