import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SecretKind } from '../../lambda/runtime/config.ts';
import { serializeKeyRing, signingKey } from '../../lambda/secrets/key-ring.ts';
import { isSignedBy, kidOf, textAt } from './cookies.ts';
import { password, somebody, type Somebody } from './somebody.ts';
import { startSystem, type Reach, type System } from './system.ts';

let system: System;
let alice: Somebody;
beforeAll(async () => {
  system = await startSystem();
  alice = await somebody(system, system.identity(), 'alice');
}, 30_000);
afterAll(() => system.stop());

/** The published bound on revocations, in milliseconds. */
const bound = 5000;
const kinds: readonly SecretKind[] = ['extension-token', 'better-auth'];
const ring = (kind: SecretKind) => system.world.current(system.arns[kind]);
const signerOf = (kind: SecretKind) => signingKey(ring(kind), system.world.clock());
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** One process of each function, and a credential of each kind that is signed with the key of now. */
async function processes() {
  const [one, other] = [system.authorizer(), system.authorizer()];
  const [identity, issuer] = [system.identity(), system.issuer()];
  const mint = async () => textAt((await issuer.mint(alice.userId, alice.organizationId)).body, 'token');
  const signIn = async () => {
    const { email } = alice;
    const answer = await identity.ask('/sign-in/email', '', { email, password });
    return { status: answer.status, cookie: answer.cookies.map((line) => line.split(';')[0]).join('; ') };
  };
  const credentials = {
    'extension-token': bearer(await mint()),
    'better-auth': { cookie: (await signIn()).cookie },
    key: { 'x-api-key': alice.key },
  };
  const says = async () => {
    const answers: Record<string, Set<string>> = {};
    for (const [name, headers] of Object.entries(credentials)) {
      answers[name] = new Set([await one.says(headers), await other.says(headers)]);
    }
    return answers;
  };
  const reach = (isReachable: boolean): void => {
    for (const each of [one, other, identity, issuer] satisfies Reach[]) each.isReachable = isReachable;
  };
  return { authorizers: [one, other], identity, issuer, mint, signIn, credentials, says, reach };
}
const only = (answer: string) => new Set([answer]);
const everything = { 'extension-token': only('allow'), 'better-auth': only('allow'), key: only('allow') };

describe.each(kinds)('the key of %s that signs, revoked while Secrets Manager is down', (kind) => {
  test('ends what it signed within five seconds everywhere and for good, and nothing else; the next key signs', async () => {
    expect(await system.rotate(kind)).toBeUndefined();
    const { identity, mint, signIn, credentials, says, reach, authorizers } = await processes();
    expect(await says()).toEqual(everything);
    const kid = signerOf(kind)?.kid ?? '';
    const next = ring(kind).keys.at(-1);
    reach(false);
    await system.world.revoke(kid);
    system.world.clock.advance(bound);
    expect(await says()).toEqual({ ...everything, [kind]: only('credential_revoked') });
    if (kind === 'better-auth') {
      const { cookie } = credentials['better-auth'];
      expect((await identity.ask('/get-session', cookie)).body).toBeNull();
      const renewed = (await signIn()).cookie;
      expect(isSignedBy(renewed, next)).toBe(true);
      for (const each of authorizers) expect(await each.says({ cookie: renewed })).toBe('allow');
    } else {
      const minted = await mint();
      expect(kidOf(minted)).toBe(next?.kid);
      for (const each of authorizers) expect(await each.says(bearer(minted))).toBe('allow');
    }

    const victim = credentials[kind];
    const cut = system.authorizer();
    cut.isReachable = false;
    expect([await cut.says(victim), await cut.says(credentials.key)]).toEqual(['fault', 'allow']);
    expect(await system.authorizer().says(victim)).toBe('credential_revoked');
    expect(await system.rotate(kind)).toBeUndefined();
    expect(ring(kind).keys.map((key) => key.kid)).not.toContain(kid);
    expect(await system.authorizer().says(victim)).toBe('signature_invalid');
    reach(true);
    system.world.clock.advance(300_000);
    for (const each of authorizers) expect(await each.says(victim)).toMatch(/revoked|invalid/);
  });
});

test('a ring whose only key is revoked stops its signers, until one with a new key is published: then at once', async () => {
  const { identity, issuer, mint, signIn, authorizers } = await processes();
  for (const kind of kinds) for (const { kid } of ring(kind).keys) await system.world.revoke(kid);
  system.world.clock.advance(bound);
  expect((await signIn()).status).toBe(503);
  expect((await issuer.mint(alice.userId, alice.organizationId)).status).toBe(503);
  expect((await identity.ask('/get-session', alice.cookie)).status).toBe(503);
  for (const kind of kinds) expect(await system.rotate(kind)).toBeUndefined();
  // Each of them has asked in vain, and may again ten seconds later.
  system.world.clock.advance(10_000);
  const { status, cookie } = await signIn();
  expect([status, isSignedBy(cookie, signerOf('better-auth'))]).toEqual([200, true]);
  const token = await mint();
  expect(kidOf(token)).toBe(signerOf('extension-token')?.kid);
  for (const each of authorizers) {
    expect([await each.says({ cookie }), await each.says(bearer(token))]).toEqual(['allow', 'allow']);
  }
});

describe.each(kinds)('a value of %s that is no ring', (kind) => {
  test.each([
    ['empty', ''],
    ['short', 'short'],
    ['no JSON', '{"keys":'],
    ['a ring without keys', '{"keys":[]}'],
    ['a ring with a short key', '{"keys":[{"kid":"a","k":"short","signFrom":1}]}'],
  ])('%s: who has a good ring goes on and says that it is stale, who starts is closed', async (_, value) => {
    const good = serializeKeyRing(ring(kind));
    const { authorizers, mint, signIn, says, credentials } = await processes();
    expect(await says()).toEqual(everything);
    system.world.publish(system.arns[kind], value);
    system.world.clock.advance(300_000);
    expect(await says()).toEqual(everything);
    for (const { lines } of authorizers) expect(lines.at(-1)).toMatchObject({ StaleKeyRing: 1, Faults: 0 });
    const cookies = await signIn();
    const token = await mint();
    const before = credentials['extension-token'].authorization.slice('Bearer '.length);
    expect([cookies.status, kidOf(token)]).toEqual([200, kidOf(before)]);

    const { email } = alice;
    const [cold, identity] = [system.authorizer(), system.identity()];
    const started = [
      await cold.says({ cookie: cookies.cookie }),
      (await identity.ask('/sign-in/email', '', { email, password })).status,
      await cold.says(bearer(token)),
    ];
    expect(started).toEqual(kind === 'better-auth' ? ['fault', 503, 'allow'] : ['allow', 200, 'fault']);
    expect(await system.rotate(kind)).toMatch(/holds no key ring/);
    system.world.publish(system.arns[kind], good);
    system.world.clock.advance(1000);
    expect(await says()).toEqual(everything);
    for (const { lines } of authorizers) expect(lines.at(-1)).toMatchObject({ StaleKeyRing: 0 });
  });
});
