import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { keyChecksum, keyShape } from '../../lambda/credentials/api-key-format.ts';
import { apiKey, checksum } from '../support/api-key.ts';
import { runs } from '../support/runs.ts';

/** CRC-32 of "123456789" is 0xCBF43926 ("check" of CRC-32/ISO-HDLC in the catalogue of CRC algorithms). */
test('the checksum is CRC-32 of the catalogue, in base62', () => {
  const check = 0xcbf43926;
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const value = keyChecksum('123456789')
    .split('')
    .reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0);
  expect(value).toBe(check);
  expect(keyChecksum('')).toBe('000000');
});

/** Computed with Python: zlib.crc32, then divmod by 62. */
test.each([
  [`crm_live_${'0'.repeat(43)}`, '2k4LNJ'],
  [`crm_test_${'z'.repeat(43)}`, '4OGame'],
  ['crm_live_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ', '0BrX46'],
])('the checksum of %s is %s', (body, expected) => expect(keyChecksum(body)).toBe(expected));

test('two ways to compute it agree on any key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (body) => expect(keyChecksum(body)).toBe(checksum(body))),
    runs(300),
  );
});

describe('a key', () => {
  const live = apiKey('live', 'seed');

  test('of its stage is looked up, of another stage never', () => {
    expect(keyShape(live, 'live')).toBe('well_formed');
    expect(keyShape(live, 'test')).toBe('other_environment');
    expect(keyShape(apiKey('test', 'seed'), 'live')).toBe('other_environment');
    expect(keyShape(apiKey('test', 'seed'), 'test')).toBe('well_formed');
  });

  test('with any one character changed is refused without a read', () => {
    for (let position = 0; position < live.length; position += 1) {
      const changed =
        live.slice(0, position) + (live[position] === 'x' ? 'y' : 'x') + live.slice(position + 1);
      expect([changed, keyShape(changed, 'live')]).toEqual([changed, 'malformed']);
    }
  });

  test.each([
    ['nothing', ''],
    ['its prefix alone', 'crm_live_'],
    ['a character less', live.slice(0, -1)],
    ['a character more', `${live}0`],
    ['white space', `${live} `],
    ['a line break', `${live}\n`],
    ['the right checksum over too short a body', `crm_live_short_${checksum('crm_live_short')}`],
    [
      'the right checksum of a body with a dash',
      `crm_live_${'-'.repeat(43)}_${checksum(`crm_live_${'-'.repeat(43)}`)}`,
    ],
    ['letters in the place of our form', `crm_live_${'a'.repeat(64)}`],
    ['a key in the place of a body', `crm_live_${live}_${checksum(`crm_live_${live}`)}`],
    [
      'a body before a key, and the right checksum',
      `crm_live_x${live.slice(0, -7)}_${checksum(`crm_live_x${live.slice(0, -7)}`)}`,
    ],
    ['the right checksum of a whole key after it', `${live}_${checksum(live)}`],
    ['31 letters', 'a'.repeat(31)],
    ['letters after what no key has', `!${'a'.repeat(64)}`],
    ['letters on a line of their own', `\n${'a'.repeat(64)}`],
    ['a prefix of 65 characters', `${'1'.repeat(65)}${'a'.repeat(64)}`],
    ['321 characters', 'a'.repeat(321)],
    ['a digit among the letters', `${'a'.repeat(40)}1${'a'.repeat(10)}`],
    ['a dot', `${'a'.repeat(40)}.b`],
  ])('of impossible shape is refused without a read: %s', (_, key) =>
    expect(keyShape(key, 'live')).toBe('malformed'),
  );

  test.each([
    ['64 letters', 'a'.repeat(64)],
    ['a prefix and letters', `acme-1_${'aB'.repeat(32)}`],
    ['a prefix of 64 characters and 256 letters', `${'1'.repeat(64)}${'a'.repeat(256)}`],
    ['a prefix that looks like ours', `crm_${'a'.repeat(64)}`],
    ['a prefix that ends in ours', `my_crm_live_${'a'.repeat(64)}`],
  ])("of Better Auth's default generator is looked up: %s", (_, key) => {
    expect(keyShape(key, 'live')).toBe('well_formed');
  });

  test('of any length is told in no noticeable time', () => {
    const before = performance.now();
    for (const key of ['a'.repeat(4096), 'a_'.repeat(2048), `${'a'.repeat(4095)}!`, `${'a'.repeat(300)}!`])
      keyShape(key, 'live');
    expect(performance.now() - before).toBeLessThan(100);
  });
});
