import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { put, startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { oracle } from '../support/better-auth.ts';
import { start } from '../support/clock.ts';
import { outcomeOf } from '../support/outcome.ts';
import { cookieNames, secretOf } from '../support/world.ts';

/** Better Auth reads the clock of the machine, so here the authorizer's is set to it. */
let world: TestAuthorizer;
beforeAll(async () => {
  world = await startAuthorizer();
  const keys = [{ kid: 'session-signing', k: secretOf('session-signing'), signFrom: 1 }];
  world.secrets.values.set('better-auth', { value: JSON.stringify({ keys }), versionId: 'v2' });
  world.clock.advance(Date.now() - start);
});
afterAll(() => world.stop());

const of = (cookie: string, by?: MeteredAuthority): Promise<string> => outcomeOf(world, { cookie }, by);
const pairs = (cookie: string): readonly string[] => cookie.split('; ');
const only = (cookie: string, name: string): string =>
  pairs(cookie)
    .filter((pair) => pair.startsWith(name))
    .join('; ');
const without = (cookie: string, name: string): string =>
  pairs(cookie)
    .filter((pair) => !pair.startsWith(name))
    .join('; ');

/** A sign-up at Better Auth whose rows are in the identity table. */
async function signedUp(strategy: 'compact' | 'jwt', name: string, fields?: object) {
  const better = oracle(secretOf('session-signing'), strategy);
  const person = await better.signUp(name, fields);
  await put(world.engine.client, world.table, better.rows());
  const knows = async (cookie: string): Promise<boolean> => {
    const { body } = await better.send('GET', '/get-session', cookie);
    return body !== 'null';
  };
  return { ...person, better, knows };
}

describe.each(['compact', 'jwt'] as const)("Better Auth's own cookies, cookie cache %s:", (strategy) => {
  test('are allowed, and the cookie cache is what answered who it is', async () => {
    const { cookie, knows } = await signedUp(strategy, `${strategy}-allowed`);
    expect(await knows(cookie)).toBe(true);
    const by = world.compose();
    expect(await of(cookie, by)).toBe('allow');
    // One batch: the session's row beside membership and organization. A miss would need one before it.
    expect(by.reads()).toBe(1);
  });

  test('without the cookie cache are allowed by the row, one round trip later', async () => {
    const { cookie } = await signedUp(strategy, `${strategy}-row`);
    const by = world.compose();
    expect(await of(only(cookie, cookieNames.token), by)).toBe('allow');
    expect(by.reads()).toBe(2);
  });

  test('with the cookie cache in chunks are allowed from it', async () => {
    const { cookie } = await signedUp(strategy, `${strategy}-chunks`, { note: 'x'.repeat(2500) });
    const chunks = pairs(cookie).filter((pair) => pair.startsWith(`${cookieNames.data}.`));
    expect(chunks.length).toBeGreaterThan(1);
    const by = world.compose();
    expect(await of(cookie, by)).toBe('allow');
    expect(by.reads()).toBe(1);
    const lost = world.compose();
    expect(await of(without(cookie, `${cookieNames.data}.1`), lost)).toBe('allow');
    expect(lost.reads()).toBe(2);
  });

  test('of a session that was deleted are refused though the cookie cache lives', async () => {
    const { cookie, better, knows } = await signedUp(strategy, `${strategy}-deleted`);
    const cached = cookie;
    await better.send('POST', '/sign-out', cookie);
    const [session] = better.database['session'] ?? [];
    expect(session).toBeUndefined();
    const elsewhere = await startEmpty();
    // Stricter than Better Auth, which believes the cache until it is five minutes old.
    expect(await knows(cached)).toBe(true);
    expect(await outcomeOf(elsewhere, { cookie: cached })).toBe('credential_unknown');
    await elsewhere.stop();
  });

  test('with the cookie cache of another session: the token counts, the cache is a miss', async () => {
    const mine = await signedUp(strategy, `${strategy}-mine`);
    const other = await signedUp(strategy, `${strategy}-other`);
    const by = world.compose();
    expect(
      await of(`${only(mine.cookie, cookieNames.token)}; ${only(other.cookie, cookieNames.data)}`, by),
    ).toBe('allow');
    expect(by.reads()).toBe(2);
    expect(world.lines.at(-1)).toMatchObject({ principalId: `user:${mine.userId}` });
  });

  test('with a cookie cache that is five minutes old: the row answers', async () => {
    const { cookie } = await signedUp(strategy, `${strategy}-old`);
    // The cookies are some seconds younger than this clock's start.
    world.clock.advance(360_000);
    const by = world.compose();
    expect(await of(cookie, by)).toBe('allow');
    expect(by.reads()).toBe(2);
    world.clock.advance(-360_000);
  });

  test('from before an organization was made: a cookie cache without one is a miss', async () => {
    const better = oracle(secretOf('session-signing'), strategy);
    const email = `${strategy}-without@example.com`;
    const { cookie } = await better.send('POST', '/sign-up/email', '', {
      name: 'n',
      email,
      password: 'correct horse',
    });
    expect(cookie).toContain(cookieNames.data);
    await put(world.engine.client, world.table, better.rows());
    const by = world.compose();
    expect(await of(cookie, by)).toBe('organization_missing');
    // The row, and then whether anything was revoked.
    expect(by.reads()).toBe(2);
  });

  test('changed at any byte are never answered from: the token is refused, the cache is at most a miss', async () => {
    const { cookie } = await signedUp(strategy, `${strategy}-tampered`);
    const token = only(cookie, cookieNames.token);
    const data = only(cookie, cookieNames.data);
    const by = world.compose();
    for (const changed of changedOnce(token)) {
      const outcome = await of(`${changed}; ${data}`, by);
      expect([changed, ['signature_invalid', 'credential_malformed'].includes(outcome)]).toEqual([
        changed,
        true,
      ]);
    }
    for (const changed of changedOnce(data)) {
      const fresh = world.compose();
      expect([changed, await of(`${token}; ${changed}`, fresh), fresh.reads()]).toEqual([
        changed,
        'allow',
        2,
      ]);
    }
  });

  test('signed with a secret of another deployment are refused, cookie cache and all', async () => {
    const better = oracle('another-secret-of-another-deployment-0', strategy);
    const { cookie } = await better.signUp(`${strategy}-foreign`);
    await put(world.engine.client, world.table, better.rows());
    expect(await of(cookie)).toBe('signature_invalid');
  });
});

/**
 * Versions of a cookie in which one character of its value is another, 150 places evenly. Not the last one:
 * bits there may stand for nothing.
 */
function changedOnce(pair: string): readonly string[] {
  const from = pair.indexOf('=') + 1;
  const step = Math.max(1, Math.floor((pair.length - from) / 150));
  const positions = Array.from(
    { length: Math.ceil((pair.length - from) / step) },
    (_, index) => from + index * step,
  );
  return positions
    .filter((position) => position < pair.length - 4)
    .map((position) => {
      const other = pair[position] === 'A' ? 'B' : 'A';
      return pair.slice(0, position) + other + pair.slice(position + 1);
    });
}

/** The same ring and moment with an identity table of its own. */
async function startEmpty(): Promise<TestAuthorizer> {
  const empty = await startAuthorizer();
  const ring = world.secrets.values.get('better-auth');
  if (ring) empty.secrets.values.set('better-auth', ring);
  empty.clock.advance(world.clock() - start);
  return empty;
}
