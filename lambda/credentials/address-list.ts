import ipaddr from 'ipaddr.js';

type Block = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Is an address in a list of addresses and CIDR blocks (RFC 4632, RFC 4291)? An address that is not known or
 * not one is in no list, and an entry that is malformed contains nothing.
 */
export function isAddressIn(list: readonly string[], address: string | undefined): boolean {
  if (address === undefined || address.includes('/')) return false;
  const from = parseBlock(address);
  if (!from) return false;
  return list.some((entry) => {
    const block = parseBlock(entry);
    return block !== undefined && contains(block, from[0]);
  });
}

/** May this text stand in an address list? */
export const isAddressBlock = (entry: string): boolean => parseBlock(entry) !== undefined;

const contains = ([network, bits]: Block, address: Block[0]): boolean =>
  network.kind() === address.kind() && address.match([network, bits]);

/**
 * Only the usual spellings: ipaddr.js would also read `010.1` or `0x7f000001`, which other programs take for
 * other addresses. A zone (`fe80::1%eth0`) means something on one machine alone.
 */
const ipv4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}(?:\/(?:\d|[12]\d|3[0-2]))?$/;
const ipv6 = /^[0-9a-f:]*:[0-9a-f:.]*(?:\/(?:\d|[1-9]\d|1[01]\d|12[0-8]))?$/i;

function parseBlock(text: string): Block | undefined {
  if (!ipv4.test(text) && !ipv6.test(text)) return undefined;
  try {
    return unmapped(text.includes('/') ? ipaddr.parseCIDR(text) : single(ipaddr.parse(text)));
  } catch {
    return undefined;
  }
}

const single = (address: Block[0]): Block => [address, address.toByteArray().length * 8];

/** `::ffff:192.0.2.1` is 192.0.2.1 (RFC 4291 §2.5.5.2): one address must not be two to a list. */
function unmapped(block: Block): Block {
  const [address, bits] = block;
  if (!('isIPv4MappedAddress' in address) || !address.isIPv4MappedAddress() || bits < 96) return block;
  return [address.toIPv4Address(), bits - 96];
}
