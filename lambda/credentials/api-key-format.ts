import { crc32 } from 'node:zlib';

/**
 * `crm_live_<43>_<6>`: 43 base62 characters of randomness (256 bits), then CRC-32 (IEEE 802.3) of everything
 * before the last underscore. The checksum lets a mistyped key be refused without a read and lets secret
 * scanners recognise a real one; it proves nothing.
 */
const ours = /^crm_(?:live|test)_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/;

/** Better Auth's default generator: any prefix, then letters (64 unless configured otherwise). */
const betterAuths = /^[A-Za-z0-9_-]{0,64}?[A-Za-z]{32,256}$/;

export type KeyEnvironment = 'live' | 'test';

export type KeyShape = 'well_formed' | 'malformed' | 'other_environment';

/** Everything that can be told about a key from its text alone. */
export function keyShape(key: string, environment: KeyEnvironment): KeyShape {
  if (!/^crm_(?:live|test)_/.test(key)) return betterAuths.test(key) ? 'well_formed' : 'malformed';
  if (!ours.test(key) || key.slice(-6) !== keyChecksum(key.slice(0, -7))) return 'malformed';
  return key.startsWith(`crm_${environment}_`) ? 'well_formed' : 'other_environment';
}

/** Digits of base62, in the order of their values. */
export const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 of a key's body in base62, zero-padded to 6 characters (62⁶ > 2³²). */
export function keyChecksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let position = 0; position < 6; position += 1) {
    digits = base62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
