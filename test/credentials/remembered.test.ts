import { describe, expect, test } from '@jest/globals';
import { remembered } from '../../lambda/credentials/remembered.ts';
import type { KeyRing, RingKey } from '../../lambda/secrets/key-ring.ts';
import { start } from '../support/clock.ts';

const key = (kid: string, verifyUntil?: number): RingKey => ({
  kid,
  k: `${kid} `.repeat(16),
  signFrom: 0,
  ...(verifyUntil === undefined ? {} : { verifyUntil }),
});
const signing = key('signing');
const of = (ring: KeyRing) => async () => ring;
const ring: KeyRing = { keys: [signing, key('waiting')] };

describe('a signature that verified is remembered', () => {
  test('for exactly what was presented', async () => {
    const known = remembered<string>();
    known.put('a token', 'verified', [signing]);
    expect(await known.get('a token', of(ring), start)).toBe('verified');
    expect(await known.get('a token ', of(ring), start)).toBeUndefined();
  });

  test('never longer than a key that made it is in the ring', async () => {
    const known = remembered<string>();
    known.put('a token', 'verified', [signing]);
    expect(await known.get('a token', of({ keys: [key('waiting')] }), start)).toBeUndefined();
    known.put('a token', 'verified', [signing]);
    // The same names with other contents, as after a fetch, are other keys.
    expect(await known.get('a token', of({ keys: [key('signing')] }), start)).toBeUndefined();
  });

  test('never longer than every key that made it verifies', async () => {
    const retiring = key('retiring', start / 1000);
    const known = remembered<string>();
    known.put('two cookies', 'verified', [signing, retiring]);
    const both: KeyRing = { keys: [signing, retiring] };
    expect(await known.get('two cookies', of(both), start - 1)).toBe('verified');
    expect(await known.get('two cookies', of(both), start)).toBeUndefined();
  });

  test('and nothing is asked of the ring for what is not', async () => {
    const down = () => Promise.reject(new Error('No ring'));
    expect(await remembered<string>().get('a token', down, start)).toBeUndefined();
  });

  test('in bounded memory, the longest unused forgotten first', async () => {
    const known = remembered<number>();
    for (let index = 0; index < 4096; index += 1) known.put(`token ${index}`, index, [signing]);
    expect(await known.get('token 0', of(ring), start)).toBe(0);
    known.put('one more', 4096, [signing]);
    expect(await known.get('token 0', of(ring), start)).toBe(0);
    expect(await known.get('token 1', of(ring), start)).toBeUndefined();
  });
});
