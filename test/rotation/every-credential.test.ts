import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { lifetimes } from '../../lambda/rotation/lifetimes.ts';
import { signingKey, type RingKey } from '../../lambda/secrets/key-ring.ts';
import { isSignedBy, kidOf, named, textAt } from './cookies.ts';
import { bounds } from './ring.ts';
import { somebody } from './somebody.ts';
import { startSystem, type AuthorizerProcess, type IdentityProcess, type System } from './system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem();
}, 30_000);
afterAll(() => system.stop());

const rotations = 10;
/** Seconds between two looks: several fit into every bound that matters. */
const step = 1000;
const signer = (): RingKey | undefined =>
  signingKey(system.world.current(system.arns['better-auth']), system.world.clock());

test('ten rotations of each secret, as close as may be, reject no key, session or token, and log nobody out', async () => {
  const { world } = system;
  const [identity, issuer] = [system.identity(), system.issuer()];
  const { key, cookie: first, signIn, userId, organizationId } = await somebody(system, identity, 'alice');
  const forgotten = await signIn(false);
  let latest = first;
  let tokens: { readonly token: string; readonly expires: number }[] = [];
  const mint = async (): Promise<void> => {
    const { body } = await issuer.mint(userId, organizationId);
    tokens = tokens.filter(({ expires }) => expires > world.clock());
    tokens.push({
      token: textAt(body, 'token'),
      expires: world.clock() + lifetimes['extension-token'] * 1000,
    });
  };
  const everything = () => [
    { 'x-api-key': key },
    ...[first, forgotten, latest].map((cookie) => ({ cookie })),
    ...tokens.map(({ token }) => ({ authorization: `Bearer ${token}` })),
  ];

  const warm = system.authorizer();
  const signed = { tokens: new Set<string>(), sessions: new Set<string>() };
  let asked = 0;
  for (let rotation = 0; rotation < rotations; rotation += 1) {
    await mint();
    // Cut off from Secrets Manager with the rings of before, for less than the stale maximum.
    const cutOff = system.authorizer();
    for (const headers of everything()) await cutOff.says(headers);
    cutOff.isReachable = false;
    const cutOffAt = world.clock();
    for (const kind of ['extension-token', 'better-auth'] as const) {
      // Two calls inside the publish delay: the second finds a key that waits.
      expect([await system.rotate(kind), await system.rotate(kind)]).toEqual([undefined, undefined]);
    }
    for (let elapsed = 0; elapsed < bounds.publishDelay + step; elapsed += step) {
      await mint();
      if (world.clock() - cutOffAt >= (3600 - step) * 1000) cutOff.isReachable = true;
      for (const process of [warm, cutOff, system.authorizer()]) {
        const answers = await says(process, everything());
        expect(answers.filter((answer) => answer !== 'allow')).toEqual([]);
        asked += answers.length;
      }
      world.clock.advance(step * 1000);
    }
    await mint();
    latest = await signIn();
    expect(isSignedBy(latest, signer())).toBe(true);
    signed.sessions.add(signer()?.kid ?? '');
    for (const { token } of tokens) signed.tokens.add(kidOf(token));
  }
  expect([signed.tokens.size, signed.sessions.size]).toEqual([rotations + 1, rotations]);
  expect(asked).toBeGreaterThan(1000);
  await expectRenewed(identity, first, true);
  await expectRenewed(identity, forgotten, false);

  expect((await identity.ask('/sign-out', first, {})).status).toBe(200);
  expect((await identity.ask('/get-session', first)).body).toBeNull();
  expect(await system.authorizer().says({ cookie: first })).toBe('credential_unknown');
}, 120_000);

async function says(process: AuthorizerProcess, all: readonly Readonly<Record<string, string>>[]) {
  const answers: string[] = [];
  for (const headers of all) answers.push(await process.says(headers));
  return answers;
}

/** Cookies of the first key: signed in, signed anew, and for no longer than before. */
async function expectRenewed(
  identity: IdentityProcess,
  cookie: string,
  isRemembered: boolean,
): Promise<void> {
  const { body, cookies } = await identity.ask('/get-session', cookie);
  const left = Math.floor((Date.parse(textAt(body, 'session', 'expiresAt')) - system.world.clock()) / 1000);
  const line = named(cookies, 'better-auth-session');
  expect(isSignedBy(line, signer())).toBe(true);
  if (isRemembered) {
    expect(line).toContain(`Max-Age=${left};`);
    return;
  }
  const other = named(cookies, 'better-auth.dont_remember');
  expect([line, other].filter((each) => /max-age/i.test(each))).toEqual([]);
  expect(isSignedBy(other, signer())).toBe(true);
}
