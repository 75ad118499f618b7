import { BlockList, SocketAddress } from 'node:net';

interface Block {
  readonly family: 'ipv4' | 'ipv6';
  readonly network: string;
  readonly bits: number;
}

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
    return block !== undefined && contains(block, from);
  });
}

/** May this text stand in an address list? */
export const isAddressBlock = (entry: string): boolean => parseBlock(entry) !== undefined;

/** Node would look for an IPv4 address in `::/0` as well: here a list of one kind says nothing of the other. */
function contains({ family, network, bits }: Block, address: Block): boolean {
  if (address.family !== family) return false;
  const block = new BlockList();
  block.addSubnet(network, bits, family);
  return block.check(address.network, family);
}

/** Only the usual spellings. A zone (`fe80::1%eth0`) means something on one machine alone. */
const ipv4 = /^((?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3})(?:\/(\d|[12]\d|3[0-2]))?$/;
const ipv6 = /^([0-9a-f:]*:[0-9a-f:.]*)(?:\/(\d|[1-9]\d|1[01]\d|12[0-8]))?$/i;

function parseBlock(text: string): Block | undefined {
  const [, v4, bits4 = '32'] = ipv4.exec(text) ?? [];
  if (v4 !== undefined) return normalized('ipv4', v4, Number(bits4));
  const [, v6, bits6 = '128'] = ipv6.exec(text) ?? [];
  return v6 === undefined ? undefined : normalized('ipv6', v6, Number(bits6));
}

/** `::ffff:192.0.2.1` is 192.0.2.1 (RFC 4291 §2.5.5.2): one address must not be two to a list. */
function normalized(family: Block['family'], address: string, bits: number): Block | undefined {
  try {
    const { address: network } = new SocketAddress({ family, address });
    const mapped = /^::ffff:([\d.]+)$/.exec(network)?.[1];
    return mapped === undefined || bits < 96
      ? { family, network, bits }
      : { family: 'ipv4', network: mapped, bits: bits - 96 };
  } catch {
    return undefined;
  }
}
