import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Authorizer } from '../../lambda/authorizer/authorizer.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { restEvent } from '../support/event.ts';
import { runs } from '../support/runs.ts';
import { cookieOf, keyOf, secretOf, tokenWith } from '../support/world.ts';

let world: TestAuthorizer;
let serve: Authorizer<object>;
beforeAll(async () => {
  world = await startAuthorizer();
  serve = world.serve(rest);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.lines.length = 0;
});

/** Serves a request, whatever becomes of it, and says what the decision line says. */
async function effectOf(event: unknown): Promise<unknown> {
  await Promise.allSettled([serve(event)]);
  return world.lines.at(-1)?.['effect'];
}

const names = fc.oneof(
  fc.constantFrom('Authorization', 'x-api-key', 'x-tenant-id', 'Origin', 'Sec-Fetch-Site', 'Cookie', 'host'),
  fc.string({ maxLength: 12 }),
);

describe('nothing presented, and no secret, appears in the log', () => {
  const credentials: readonly (readonly [
    string,
    Record<string, string>,
    string | undefined,
    readonly string[],
  ])[] = [
    ['an API key', { 'x-api-key': keyOf('alice') }, undefined, [keyOf('alice')]],
    ['a token', { authorization: `Bearer ${tokenWith()}` }, undefined, tokenWith().split('.')],
    [
      'a session',
      {},
      cookieOf('alice'),
      [decodeURIComponent(cookieOf('alice').split('=')[1] ?? '').split('.')[0] ?? '', cookieOf('alice')],
    ],
  ];
  const logged = (): string => JSON.stringify(world.lines);
  const secrets = ['session-signing', 'session-next', 'token-signing', 'token-next'].map(secretOf);

  test.each(credentials)('%s, allowed or refused', async (_, given, cookie, parts) => {
    const sent = {
      method: 'GET',
      path: '/v1/whoami',
      headers: given,
      ...(cookie === undefined ? {} : { cookie }),
    };
    expect(await effectOf(restEvent(sent))).toBe('allow');
    expect(
      await effectOf(restEvent({ ...sent, headers: { ...given, 'x-tenant-id': 'MARKED-tenant' } })),
    ).toBe('deny');
    expect(await effectOf(restEvent({ ...sent, path: '/v1/MARKED-path' }))).toBe('deny');
    expect(await effectOf({ ...restEvent(sent), headers: { 'x-MARKED': 1 } })).toBe('fault');
    for (const secret of [...parts, ...secrets, 'MARKED']) expect(logged()).not.toContain(secret);
  });

  test('no part of any header, path, claim or cookie', async () => {
    const marked = fc
      .tuple(names, fc.string({ maxLength: 20 }))
      .map(([name, value]): [string, string] => [name, `MARKED${value}MARKED`]);
    await fc.assert(
      fc.asyncProperty(fc.array(marked, { maxLength: 5 }), async (pairs) => {
        await effectOf(
          restEvent({
            method: 'GET',
            path: '/v1/records/MARKED',
            headers: Object.fromEntries(pairs),
            cookie: 'MARKED=MARKED',
          }),
        );
        const unsigned = tokenWith({ userId: 'MARKED', orgId: 'MARKED' }, { kid: 'MARKED' }, 'token-next');
        await effectOf(
          restEvent({ method: 'GET', path: '/v1/whoami', headers: { authorization: `Bearer ${unsigned}` } }),
        );
        expect(logged()).not.toContain('MARKED');
        world.lines.length = 0;
      }),
      runs(100),
    );
  });
});
