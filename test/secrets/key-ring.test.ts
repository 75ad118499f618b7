import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  generateKey,
  kidPattern,
  parseKeyRing,
  ringLimit,
  serializeKeyRing,
  signingKey,
  verificationKeys,
  isCarriedOver,
} from '../../lambda/secrets/key-ring.ts';
import { runs } from '../support/runs.ts';

const k = 'k'.repeat(32);
const key = (kid: string, signFrom: number, verifyUntil?: number) => ({
  kid,
  k,
  signFrom,
  ...(verifyUntil === undefined ? {} : { verifyUntil }),
});
const parsed = (keys: unknown, version = 'v1') => parseKeyRing(JSON.stringify({ keys }), version);
const kids = (keys: readonly { kid: string }[] | undefined) => keys?.map(({ kid }) => kid);

describe('a plain string', () => {
  test('is a ring of one, called by its version, that signs from the beginning', () => {
    const ring = parseKeyRing('a secret of before, as it was typed', 'version-1');
    expect(ring).toEqual({
      keys: [{ kid: 'version-1', k: 'a secret of before, as it was typed', signFrom: 0 }],
    });
    expect(ring?.keys.every(isCarriedOver)).toBe(true);
  });

  test('keeps its white space: it is part of the key', () => {
    expect(parseKeyRing(` ${k}\n`, 'v')?.keys[0]?.k).toBe(` ${k}\n`);
  });

  test('is refused when it is short, or its version could be no kid', () => {
    expect(parseKeyRing('x'.repeat(31), 'v')).toBeUndefined();
    expect(parseKeyRing('', 'v')).toBeUndefined();
    expect(parseKeyRing(k, '')).toBeUndefined();
    expect(parseKeyRing(k, 'v 1')).toBeUndefined();
  });
});

describe('a ring', () => {
  test('is read in the order of signFrom, without what is not ours', () => {
    const ring = parsed([{ ...key('b', 2), note: 'x' }, key('a', 1, 9)]);
    expect(ring).toEqual({ keys: [key('a', 1, 9), key('b', 2)] });
  });

  test.each<[string, unknown]>([
    ['no keys', []],
    ['no list', { a: 1 }],
    ['17 keys', Array.from({ length: ringLimit + 1 }, (_, index) => key(`k${index}`, index))],
    ['two keys of one name', [key('a', 1), key('a', 2)]],
    ['a key of 31 characters', [{ ...key('a', 1), k: 'k'.repeat(31) }]],
    ['a key that is no text', [{ ...key('a', 1), k: [k] }]],
    ['a kid with a dot', [key('a.b', 1)]],
    ['an empty kid', [key('', 1)]],
    ['a kid of 65 characters', [key('k'.repeat(65), 1)]],
    ['no signFrom', [{ kid: 'a', k }]],
    ['a signFrom that is no whole second', [key('a', 1.5)]],
    ['a negative signFrom', [key('a', -1)]],
    ['a signFrom that is text', [{ kid: 'a', k, signFrom: '1' }]],
    ['a verifyUntil that is text', [{ ...key('a', 1), verifyUntil: 'never' }]],
    ['a verifyUntil of null', [{ ...key('a', 1), verifyUntil: null }]],
    ['one bad key among good ones', [key('a', 1), null]],
  ])('with %s is refused as a whole', (_, keys) => expect(parsed(keys)).toBeUndefined());

  test.each([['{'], ['{}'], ['{"keys":null}'], [' {"keys":[]}'], ['{"keys":[]}x']])(
    '%j is no ring, and no plain string either',
    (value) => {
      expect(parseKeyRing(value.padEnd(40), 'v')).toBeUndefined();
    },
  );

  test('is what was written, whatever its keys', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4_000_000_000), { minLength: 1, maxLength: ringLimit }), (moments) => {
        const keys = moments.toSorted((a, b) => a - b).map(generateKey);
        expect(parseKeyRing(serializeKeyRing({ keys }), 'v')).toEqual({ keys });
      }),
      runs(50),
    );
  });
});

describe('at a moment', () => {
  const ring = parsed([
    key('retired', 10, 100),
    key('retiring', 20, 200),
    key('signing', 100),
    key('next', 150),
  ]);
  const signs = (now: number) => ring && signingKey(ring, now)?.kid;
  const verifies = (now: number) => ring && kids(verificationKeys(ring, now));

  test('the newest key whose signFrom has come signs: from that millisecond, not before', () => {
    expect(signs(9_999)).toBeUndefined();
    expect(signs(10_000)).toBe('retired');
    expect(signs(99_999)).toBe('retiring');
    expect(signs(100_000)).toBe('signing');
    expect(signs(149_999)).toBe('signing');
    expect(signs(150_000)).toBe('next');
  });

  test('every key verifies until its verifyUntil, also before it signs', () => {
    expect(verifies(0)).toEqual(['retired', 'retiring', 'signing', 'next']);
    expect(verifies(99_999)).toEqual(['retired', 'retiring', 'signing', 'next']);
    expect(verifies(100_000)).toEqual(['retiring', 'signing', 'next']);
    expect(verifies(200_000)).toEqual(['signing', 'next']);
  });

  test('a key that no longer verifies does not sign', () => {
    const over = parsed([key('old', 1, 5)]);
    expect(over && signingKey(over, 5_000)).toBeUndefined();
  });
});

test('generated keys have 256 random bits, and names that say nothing of them', () => {
  const keys = Array.from({ length: 50 }, () => generateKey(7));
  expect(new Set(keys.flatMap(({ kid, k: text }) => [kid, text])).size).toBe(100);
  for (const { kid, k: text, signFrom } of keys) {
    expect(Buffer.from(text, 'base64url')).toHaveLength(32);
    expect(kid).toMatch(kidPattern);
    expect(signFrom).toBe(7);
  }
});
