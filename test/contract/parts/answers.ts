import { describe, expect, test } from '@jest/globals';
import { member } from '../harness/http.ts';
import type { Reply } from '../harness/http.ts';
import { mint } from '../harness/world.ts';
import type { World } from '../harness/world.ts';

export function answerTests(world: () => World): void {
  const key = (name: 'alice' | 'bob' | 'carol' = 'alice') => ['x-api-key', world().keys[name].key] as const;
  const endpointError = (reply: Reply) => {
    expect(reply.header('cache-control')).toEqual(['no-store']);
    expect(reply.header('content-type').join()).toMatch(/^application\/json/);
    expect(member(reply.body, 'requestId')).toBe(reply.requestId);
    expect(reply.requestId).not.toBe('');
    return reply.body;
  };

  describe('what the gateway answers', () => {
    test('401: an empty reason, how to authenticate, and stored by nobody', async () => {
      for (const headers of [
        [],
        [['x-api-key', 'crm_test_x']],
        [['Authorization', 'Bearer a.b.c']],
      ] as const) {
        const reply = await world().send('/v1/whoami', { headers });
        expect(reply.status).toBe(401);
        expect(endpointError(reply)).toEqual({
          error: 'unauthorized',
          reason: '',
          requestId: reply.requestId,
        });
        expect(reply.header('www-authenticate')).toEqual(['Bearer realm="crm"']);
      }
    });

    test('403: the reason, and no challenge: the credential is good', async () => {
      const cases = [
        [
          'credential_kind_not_accepted',
          '/v1/records/contact',
          [['Authorization', `Bearer ${await mint(world(), world().alice)}`]],
        ],
        ['organization_missing', '/v1/whoami', [key('carol')]],
        ['organization_forbidden', '/v1/whoami', [key(), ['x-tenant-id', world().initech.slug]]],
        ['organization_ambiguous', '/v1/whoami', [key(), ['x-tenant-id', '']]],
        ['route_unlisted', '/v1/records/Contact', [key()]],
      ] as const;
      for (const [reason, path, headers] of cases) {
        const reply = await world().send(path, { headers });
        expect([reason, reply.status]).toEqual([reason, 403]);
        expect(endpointError(reply)).toEqual({ error: 'forbidden', reason, requestId: reply.requestId });
        expect(reply.header('www-authenticate')).toEqual([]);
      }
      const write = await world().bob.ask('/v1/extensions/x.y/installation', { method: 'DELETE' });
      expect(write).toMatchObject({
        status: 403,
        body: { error: 'forbidden', reason: 'scope_insufficient' },
      });
    });

    test('404 for a route that is not listed, with a credential and without', async () => {
      for (const headers of [[], [key()], [['Authorization', `Bearer ${world().keys.alice.key}`]]] as const) {
        const reply = await world().send('/v1/nothing', { headers });
        expect(reply.status).toBe(404);
        expect(endpointError(reply)).toEqual({
          error: 'not_found',
          message: expect.any(String),
          requestId: reply.requestId,
        });
      }
    });
  });

  describe('what an endpoint answers', () => {
    const post = (path: string, body: string) =>
      world().send(path, { method: 'POST', headers: [key()], body });

    test('400 invalid_request with a message, in the one shape of endpoint errors', async () => {
      const reply = await post('/v1/records/contact', '{');
      expect(reply.status).toBe(400);
      expect(endpointError(reply)).toEqual({
        error: 'invalid_request',
        message: expect.any(String),
        requestId: reply.requestId,
      });
    });

    test('403 forbidden names the scope that was missing', async () => {
      const token = await mint(world(), world().bob, { scopes: ['actions:invoke', 'records:read:contact'] });
      const reply = await world().send('/api/actions/execute', {
        method: 'POST',
        headers: [['Authorization', `Bearer ${token}`]],
        json: { action: 'find_many', input: { entity: 'deal' } },
      });
      expect(reply.status).toBe(403);
      expect(endpointError(reply)).toEqual({
        error: 'forbidden',
        reason: 'scope_insufficient',
        scope: 'records:read:deal',
        message: expect.any(String),
        requestId: reply.requestId,
      });
    });

    test('201 and 200 are stored by nobody either', async () => {
      const created = await post('/v1/records/note', '{"text":"hello"}');
      expect([created.status, created.header('cache-control')]).toEqual([201, ['no-store']]);
      const listed = await world().send('/v1/records/note', { headers: [key()] });
      expect([listed.status, listed.header('cache-control')]).toEqual([200, ['no-store']]);
    });
  });

  test('no answer of ours says what software gave it', async () => {
    for (const path of ['/v1/whoami', '/v1/nothing', '/api/auth/ok']) {
      const reply = await world().send(path);
      expect(reply.header('x-powered-by')).toEqual([]);
      expect(reply.header('server')).toEqual([]);
    }
  });
}
