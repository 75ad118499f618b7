import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isAddressBlock, isAddressIn } from '../../lambda/credentials/address-list.ts';
import { runs } from '../support/runs.ts';

describe('an address is in a list', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.0/24', '192.0.2.255'],
    ['192.0.2.77/24', '192.0.2.1'],
    ['0.0.0.0/0', '203.0.113.9'],
    ['10.0.0.0/8', '10.255.255.255'],
    ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['::/0', '2001:db8::1'],
    ['192.0.2.0/24', '::ffff:192.0.2.1'],
    ['::ffff:192.0.2.0/120', '192.0.2.1'],
    ['::ffff:0:0/96', '192.0.2.1'],
    ['2001:db8::/9', '2001:db8::1'],
    ['2001:db8::/99', '2001:db8::1'],
    ['2001:db8::/100', '2001:db8::fff:ffff'],
    ['2001:db8::/119', '2001:db8::1ff'],
    ['2001:db8::1/128', '2001:db8::1'],
  ])('that says %s: %s', (entry, address) => {
    expect(isAddressBlock(entry)).toBe(true);
    expect(isAddressIn([entry], address)).toBe(true);
    expect(isAddressIn(['198.51.100.1', 'nonsense', entry], address)).toBe(true);
  });

  test.each([
    ['192.0.2.1', '192.0.2.2'],
    ['192.0.2.0/25', '192.0.2.128'],
    ['0.0.0.0/0', '2001:db8::1'],
    ['::/0', '192.0.2.1'],
    ['2001:db8::/33', '2001:db8:8000::1'],
    ['2001:db8::/119', '2001:db8::200'],
    ['2001:db8::1/128', '2001:db8::2'],
    ['2001:db8::1', '2001:db8::2'],
    ['::ffff:0:0/95', '192.0.2.1'],
  ])('and not where it says %s: %s', (entry, address) => expect(isAddressIn([entry], address)).toBe(false));
});

test('an address that is not known, or is none, is in no list', () => {
  for (const address of [
    undefined,
    '',
    ' ',
    'localhost',
    '192.0.2',
    '192.0.2.1, 192.0.2.2',
    '192.0.2.0/24',
    '0',
  ])
    expect(isAddressIn(['0.0.0.0/0', '::/0'], address)).toBe(false);
});

const malformed = [
  '', '*', '0/0', '192.0.2.1/33', '192.0.2.1/', '192.0.2.1/-1', '192.0.2.1/+8', '192.0.2.1/08', '192.0.2', '192.0.2.1.1',
  '192.0.2.256', '010.0.0.1', '0x7f.0.0.1', '2130706433', '192.0.2.1/255.255.255.0', ' 192.0.2.1', '192.0.2.1\n', 'a.example',
  '2001:db8::/129', '2001:db8::1::2', '2001:db8', 'fe80::1%eth0', '[2001:db8::1]', '::g', ':', ':::', '192.0.2.1:80',
]; // prettier-ignore

test.each(malformed)(
  'an entry that is no address and no block contains nothing, and is told apart: %j',
  (entry) => {
    expect(isAddressBlock(entry)).toBe(false);
    for (const address of ['192.0.2.1', '127.0.0.1', '::1', '2001:db8::1', '0.0.0.0'])
      expect(isAddressIn([entry], address)).toBe(false);
  },
);

/** By arithmetic alone. */
const number = (octets: readonly number[]): number => octets.reduce((sum, octet) => sum * 256 + octet, 0);

test('IPv4 blocks contain what their first bits say, computed in another way', () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
  fc.assert(
    fc.property(octets, octets, fc.nat(32), fc.nat(32), (network, other, bits, shared) => {
      // Random addresses share no bits: this one shares the first `shared`.
      const rest = 2 ** (32 - shared);
      const address = Math.floor(number(network) / rest) * rest + (number(other) % rest);
      const text = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
      const size = 2 ** (32 - bits);
      const inside = Math.floor(address / size) === Math.floor(number(network) / size);
      expect(isAddressIn([`${network.join('.')}/${bits}`], text)).toBe(inside);
    }),
    runs(2000),
  );
});

test('no text at all is an address to a list of everything unless it is one', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      if (!/[.:]/.test(text)) expect(isAddressIn(['0.0.0.0/0', '::/0'], text)).toBe(false);
    }),
    runs(500),
  );
});
