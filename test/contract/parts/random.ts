import * as fc from 'fast-check';
import { describe, expect, test } from '@jest/globals';
import { runs } from '../../support/runs.ts';
import { body, headers, method, path } from '../harness/arbitrary.ts';
import type { Fields, Reply } from '../harness/http.ts';
import { tokenWith } from '../harness/token.ts';
import type { World } from '../harness/world.ts';

/** Ways to bend a credential that is good. */
const bends: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.slice(0, -1),
  (text) => `${text}A`,
  (text) => text.replace(/[a-z]/, 'A'),
  (text) => text.split('').toReversed().join(''),
  (text) => `${text},${text}`,
  (text) => `"${text}"`,
  (text) => encodeURIComponent(text),
  (text) => text.replaceAll('.', '..'),
];

export function randomTests(world: () => World): void {
  /** 5xx is for faults, and nothing here is one: nothing a client sends may cause any. */
  const isAnswered = ({ status, rawHeaders, text }: Reply, secrets: readonly string[]): void => {
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
    for (const secret of secrets) {
      expect(text).not.toContain(secret);
      expect(rawHeaders.join('\n')).not.toContain(secret);
    }
  };

  describe('whatever is sent', () => {
    test('to whatever path, with whatever headers, is answered by no 5xx', async () => {
      await fc.assert(
        fc.asyncProperty(method, path, headers, body, async (asked, at, sent, text) => {
          const withBody = text !== '' && !['GET', 'HEAD'].includes(asked);
          isAnswered(
            await world().send(at, { method: asked, headers: sent, ...(withBody && { body: text }) }),
            [],
          );
        }),
        runs(150),
      );
    });

    test('as a credential, bent or whole, anywhere, is never echoed', async () => {
      const { keys, alice } = world();
      const good: readonly (readonly [string, string])[] = [
        ['x-api-key', keys.alice.key],
        ['Authorization', `Bearer ${keys.alice.key}`],
        ['Authorization', `Bearer ${tokenWith(world())}`],
        ['Authorization', `Basic ${Buffer.from(keys.alice.key).toString('base64')}`],
        ['Authorization', `AWS4-HMAC-SHA256 Credential=${keys.alice.key}`],
        ['Cookie', alice.cookie()],
        ['x-tenant-id', keys.alice.key],
        ['Origin', keys.alice.key],
      ];
      // Of Better Auth's only what reads no session: the others set its cookies anew.
      const route = fc.constantFrom(
        '/v1/whoami',
        '/v1/records/contact',
        '/api/actions/execute',
        '/v1/nothing',
        '/api/auth/ok',
        '/api/auth/nothing',
      );
      await fc.assert(
        fc.asyncProperty(
          method,
          route,
          fc.constantFrom(...good),
          fc.constantFrom(...bends),
          async (asked, at, [field, whole], bend) => {
            const sent = bend(whole);
            const parts = sent.split(/[ ;,=]+/).filter((part) => part.length > 20);
            const fields: Fields = [[field, sent]];
            isAnswered(await world().send(at, { method: asked, headers: fields }), [
              ...parts,
              keys.alice.key,
            ]);
          },
        ),
        runs(150),
      );
    });

    test('in the path or the query instead of a header, is never echoed and is no credential', async () => {
      const { key } = world().keys.alice;
      for (const at of [
        `/v1/whoami?x-api-key=${key}`,
        `/v1/whoami?access_token=${key}&token=${key}`,
        `/v1/${key}`,
        `/v1/records/${key}`,
      ]) {
        const reply = await world().send(at);
        expect([401, 404]).toContain(reply.status);
        isAnswered(reply, [key]);
      }
    });

    test('as a record or an action is answered 2xx, 400, 403, 404 or 409', async () => {
      const authorization = [
        'Authorization',
        `Bearer ${tokenWith(world(), { scopes: ['actions:invoke', 'records:read', 'records:write:contact'] })}`,
      ] as const;
      const input = fc.record(
        {
          entity: fc.oneof(fc.constant('contact'), fc.jsonValue()),
          operation: fc.constantFrom('create', 'update', 'delete', 'upsert', 'x'),
          id: fc.oneof(fc.string(), fc.jsonValue()),
          data: fc.object({ maxDepth: 3 }),
          filter: fc.object({ maxDepth: 1 }),
          limit: fc.jsonValue(),
        },
        { requiredKeys: ['entity'] },
      );
      const action = fc.record({ action: fc.constantFrom('find_many', 'find_one', 'mutate'), input });
      const known = [200, 201, 400, 403, 404, 409];
      await fc.assert(
        fc.asyncProperty(action, fc.jsonValue(), async (asked, record) => {
          const acted = await world().send('/api/actions/execute', {
            method: 'POST',
            headers: [authorization],
            json: asked,
          });
          expect(known).toContain(acted.status);
          const key: Fields = [['x-api-key', world().keys.alice.key]];
          const stored = await world().send('/v1/records/any', {
            method: 'POST',
            headers: key,
            json: record,
          });
          expect(known).toContain(stored.status);
        }),
        runs(60),
      );
    });
  });
}
