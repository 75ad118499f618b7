import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MeteredAuthority } from '../../lambda/authorizer/authority.ts';
import { startAuthorizer, type TestAuthorizer } from '../support/authorizer.ts';
import { cookieHeader, signedToken } from '../support/cookie.ts';
import { jws } from '../support/jws.ts';
import { outcomeOf } from '../support/outcome.ts';
import {
  claims,
  cookieNames,
  cookieOf,
  header,
  nowSeconds,
  rings,
  tokenOf,
  tokenWith,
} from '../support/world.ts';

let world: TestAuthorizer;
let authority: MeteredAuthority;
beforeEach(async () => {
  world = await startAuthorizer();
  authority = world.compose();
});
afterEach(() => world.stop());

const appended = { kid: 'appended', k: 'a-key-that-a-rotation-has-just-appended', signFrom: nowSeconds };
const publish = (name: string, keys: readonly object[]) =>
  world.secrets.values.set(name, { value: JSON.stringify({ keys: [...keys, appended] }), versionId: 'v2' });
const token = (value: string) =>
  outcomeOf(world, { headers: { authorization: `Bearer ${value}` } }, authority);
const cookie = (value: string) => outcomeOf(world, { cookie: value }, authority);
const newToken = jws({ ...header, kid: 'appended' }, claims, appended.k);
const newCookie = cookieHeader({ [cookieNames.token]: signedToken(tokenOf('alice'), appended.k) });

describe('a credential under a key published since the last look', () => {
  test('is known at once, and in ten seconds at the latest when somebody asked in vain: an extension token', async () => {
    expect(await token(tokenWith())).toBe('allow');
    world.clock.advance(1000);
    expect(await token(newToken)).toBe('signature_invalid');
    publish('extension-token', rings.extensionToken);
    world.clock.advance(9_999);
    expect(await token(newToken)).toBe('signature_invalid');
    world.clock.advance(1);
    expect(await token(newToken)).toBe('allow');
    expect(await token(tokenWith())).toBe('allow');
  });

  test('is known at once, and in ten seconds at the latest when somebody asked in vain: a session', async () => {
    expect(await cookie(cookieOf('alice'))).toBe('allow');
    world.clock.advance(1000);
    expect(await cookie(newCookie)).toBe('signature_invalid');
    publish('better-auth', rings.betterAuth);
    world.clock.advance(9_999);
    expect(await cookie(newCookie)).toBe('signature_invalid');
    world.clock.advance(1);
    expect(await cookie(newCookie)).toBe('allow');
    expect(await cookie(cookieOf('alice'))).toBe('allow');
  });
});

describe('what no key verifies', () => {
  test('becomes at most one request to Secrets Manager in ten seconds, however much is sent', async () => {
    await Promise.all([token(tokenWith()), cookie(cookieOf('alice'))]);
    world.clock.advance(10_000);
    const before = world.secrets.calls();
    for (let sent = 0; sent < 50; sent += 1) {
      const kid = `random-${sent}`;
      expect(await token(jws({ ...header, kid }, claims, 'k'.repeat(32)))).toBe('signature_invalid');
      expect(await cookie(cookieHeader({ [cookieNames.token]: signedToken('x', kid) }))).toBe(
        'signature_invalid',
      );
    }
    // One for each of the two secrets.
    expect(world.secrets.calls() - before).toBe(2);
  });

  test('under the name of a key that is there becomes none', async () => {
    await token(tokenWith());
    world.clock.advance(10_000);
    const before = world.secrets.calls();
    expect(await token(jws(header, claims, 'k'.repeat(32)))).toBe('signature_invalid');
    expect(world.secrets.calls()).toBe(before);
  });
});

test('a ring that cannot be fetched again still serves, and the decision line says it is stale', async () => {
  expect(await token(tokenWith())).toBe('allow');
  expect(world.lines.at(-1)).toMatchObject({ StaleKeyRing: 0 });
  world.secrets.mode = 'fail';
  world.clock.advance(300_000);
  expect(await token(tokenWith())).toBe('allow');
  expect(world.lines.at(-1)).toMatchObject({ StaleKeyRing: 1, Faults: 0 });
});

test('a signature no key verifies is a fault while the ring cannot be fetched: the key may be a new one', async () => {
  await Promise.all([token(tokenWith()), cookie(cookieOf('alice'))]);
  world.secrets.mode = 'fail';
  world.clock.advance(10_000);
  expect([await token(newToken), await cookie(newCookie)]).toEqual(['fault', 'fault']);
  expect([await token(tokenWith()), await cookie(cookieOf('alice'))]).toEqual(['allow', 'allow']);
});
