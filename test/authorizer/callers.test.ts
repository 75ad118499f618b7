import { describe, expect, test } from '@jest/globals';
import { rememberedCallers } from '../../lambda/authorizer/callers.ts';
import { callerOf } from '../../lambda/core/authorize.ts';
import type { Credential, CredentialKind, Caller } from '../../lambda/core/model.ts';
import type { KeyRing } from '../../lambda/secrets/key-ring.ts';
import { start } from '../support/clock.ts';

const key = (kid: string, verifyUntil?: number) => ({
  kid,
  k: `${kid} `.repeat(16),
  signFrom: 0,
  ...(verifyUntil === undefined ? {} : { verifyUntil }),
});
const both: KeyRing = { keys: [key('signing'), key('waiting')] };
const caller = (credentialKind: CredentialKind, signedWith: readonly string[] = []): Caller =>
  callerOf(
    { owner: { kind: 'user', id: 'u' }, credentialKind, credentialId: 'c', scopes: null, signedWith },
    { organization: { id: 'o', slug: 's' }, role: 'member' },
  );

const apiKey: Credential = { kind: 'api_key', key: 'a-key' };
const token: Credential = { kind: 'extension_token', token: 'a.b.c' };
const session = (data?: string): Credential => ({
  kind: 'session',
  cookies: { token: 't.s', ...(data === undefined ? {} : { data }) },
});

/** A memory in which each ring can be changed. */
function memory(ring: KeyRing = both) {
  let current: KeyRing | undefined = ring;
  const source = { current: () => current };
  const callers = rememberedCallers({ session: source, extension_token: source });
  return {
    ...callers,
    fetched: (next: KeyRing | undefined) => {
      current = next;
    },
  };
}
const end = start + 5000;

describe('a caller is remembered', () => {
  test('for exactly what was presented and asked for', () => {
    const { remember, recall } = memory();
    const known = caller('api_key');
    remember(apiKey, undefined, known, end, start);
    expect(recall(apiKey, undefined, start)).toBe(known);
    expect(recall({ kind: 'api_key', key: 'a-key' }, undefined, start)).toBe(known);
    expect(recall({ kind: 'api_key', key: 'a-kez' }, undefined, start)).toBeUndefined();
    expect(recall(apiKey, 'acme', start)).toBeUndefined();
    // The same text as another kind of credential, or cut elsewhere, is another presentation.
    expect(recall({ kind: 'extension_token', token: 'a-key' }, undefined, start)).toBeUndefined();
    expect(recall({ kind: 'api_key', key: 'key' }, 'a-', start)).toBeUndefined();
  });

  test('for both of its cookies: another cookie cache beside the same session is looked at', () => {
    const { remember, recall } = memory();
    remember(session('cache'), undefined, caller('session', ['signing']), end, start);
    expect(recall(session('cache'), undefined, start)).toBeDefined();
    expect(recall(session('other'), undefined, start)).toBeUndefined();
    expect(recall(session(), undefined, start)).toBeUndefined();
  });

  test('until the earliest of what it was made from ends, and not at that moment', () => {
    const { remember, recall } = memory();
    remember(apiKey, undefined, caller('api_key'), end, start);
    expect(recall(apiKey, undefined, end - 1)).toBeDefined();
    expect(recall(apiKey, undefined, end)).toBeUndefined();
    remember(apiKey, 'acme', caller('api_key'), start, start);
    expect(recall(apiKey, 'acme', start - 1)).toBeUndefined();
  });

  test('until a key that signed for it verifies no more', () => {
    const ends = { keys: [key('signing', start / 1000 + 1), key('waiting')] };
    const { remember, recall } = memory(ends);
    remember(token, undefined, caller('extension_token', ['signing']), end, start);
    expect(recall(token, undefined, start + 999)).toBeDefined();
    expect(recall(token, undefined, start + 1000)).toBeUndefined();
  });

  test('under one ring: whatever is fetched then may lack the key', () => {
    const { remember, recall, fetched } = memory();
    remember(token, undefined, caller('extension_token', ['signing']), end, start);
    remember(session(), undefined, caller('session', ['signing']), end, start);
    remember(apiKey, undefined, caller('api_key'), end, start);
    fetched({ keys: [key('waiting')] });
    expect(recall(token, undefined, start)).toBeUndefined();
    expect(recall(session(), undefined, start)).toBeUndefined();
    expect(recall(apiKey, undefined, start)).toBeDefined();
    fetched(undefined);
    expect(recall(token, undefined, start)).toBeUndefined();
  });

  test('not at all when the ring changed while it was made, or is too old to be served', () => {
    for (const ring of [{ keys: [key('waiting')] }, undefined]) {
      const { remember, recall, fetched } = memory();
      fetched(ring);
      remember(token, undefined, caller('extension_token', ['signing']), end, start);
      fetched(both);
      expect(recall(token, undefined, start)).toBeUndefined();
      fetched(ring);
      expect(recall(token, undefined, start)).toBeUndefined();
    }
  });

  test('in bounded memory', () => {
    const { remember, recall } = memory();
    const known = caller('api_key');
    const keys = Array.from({ length: 10_000 }, (_, index): Credential => ({
      kind: 'api_key',
      key: `key-${index}`,
    }));
    for (const each of keys) remember(each, undefined, known, end, start);
    const there = keys.filter((each) => recall(each, undefined, start) !== undefined);
    expect(there.length).toBeLessThanOrEqual(4096);
    expect(there.length).toBeGreaterThanOrEqual(2048);
  });
});
