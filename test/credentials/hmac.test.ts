import { describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { isHmac } from '../../lambda/credentials/hmac.ts';

const keyOf = (k: string) => ({ kid: 'a-key', k, signFrom: 0 });
/** Neither its characters nor its bytes are of one kind: it is the UTF-8 of the text that signs. */
const text = 'a-key-with-ü-€-and-🔑-in-it-0123456789';
const key = keyOf(text);
const signed = 'what-is-signed';
const encodings = ['base64', 'base64url'] as const;
const signature = (encoding: 'base64' | 'base64url', of = signed): string =>
  createHmac('sha256', Buffer.from(text, 'utf8')).update(of).digest(encoding);

describe.each(encodings)('a signature in %s', (encoding) => {
  const good = signature(encoding);

  test('holds under the UTF-8 of the text of the key, however often it is asked', () => {
    expect(isHmac(key, signed, good, encoding)).toBe(true);
    expect(isHmac(key, signed, good, encoding)).toBe(true);
    expect(isHmac(key, 'another', signature(encoding, 'another'), encoding)).toBe(true);
  });

  test('holds under no other key, and over nothing else', () => {
    expect(isHmac(keyOf(`${text}x`), signed, good, encoding)).toBe(false);
    expect(isHmac(key, `${signed} `, good, encoding)).toBe(false);
  });

  test('holds in one spelling: not shorter, longer, changed, or empty, and that is no error', () => {
    for (let position = 0; position < good.length; position += 1) {
      const changed = `${good.slice(0, position)}${good[position] === 'A' ? 'B' : 'A'}${good.slice(position + 1)}`;
      expect([changed, isHmac(key, signed, changed, encoding)]).toEqual([changed, false]);
    }
    for (const other of [
      '',
      good.slice(0, -1),
      `${good}=`,
      ` ${good}`,
      good.toLowerCase(),
      'ü'.repeat(good.length),
    ])
      expect([other, isHmac(key, signed, other, encoding)]).toEqual([other, false]);
  });
});

test.each(encodings)(
  'a character beyond ASCII stands for no other, whatever its bytes end in: %s',
  (encoding) => {
    const good = signature(encoding);
    expect(isHmac(key, signed, good, encoding)).toBe(true);
    for (let position = 0; position < good.length; position += 1) {
      for (const beyond of [0x100, 0x4e00]) {
        const other = String.fromCharCode(good.charCodeAt(position) + beyond);
        const changed = good.slice(0, position) + other + good.slice(position + 1);
        expect([changed, isHmac(key, signed, changed, encoding)]).toEqual([changed, false]);
      }
    }
  },
);

test('a signature in one encoding is none in the other', () => {
  expect(isHmac(key, signed, signature('base64'), 'base64url')).toBe(false);
  expect(isHmac(key, signed, signature('base64url'), 'base64')).toBe(false);
});

test('the text of a key is made a key of once, for however many signatures', () => {
  let taken = 0;
  const counted = {
    kid: 'counted',
    signFrom: 0,
    get k() {
      taken += 1;
      return text;
    },
  };
  for (const encoding of encodings) expect(isHmac(counted, signed, signature(encoding), encoding)).toBe(true);
  expect(taken).toBe(1);
});
