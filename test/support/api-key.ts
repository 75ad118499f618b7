/**
 * API keys made by the contract's words and by nothing of ours: CRC-32 (IEEE 802.3, reflected, bit by bit) of
 * what stands before the last `_`, in base62 `0-9A-Za-z`, padded with zeros to six.
 */
function crc32(text: string): bigint {
  let crc = 0xffffffffn;
  for (const byte of Buffer.from(text)) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0xedb88320n : crc >> 1n;
  }
  return crc ^ 0xffffffffn;
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function checksum(body: string): string {
  let text = '';
  for (let rest = crc32(body); rest > 0n; rest /= 62n) text = `${digits[Number(rest % 62n)]}${text}`;
  return text.padStart(6, '0');
}

/** @param seed what distinguishes one key from another; repeated to 43 characters */
export function apiKey(environment: 'live' | 'test', seed: string): string {
  const body = `crm_${environment}_${seed.repeat(43).slice(0, 43)}`;
  return `${body}_${checksum(body)}`;
}
