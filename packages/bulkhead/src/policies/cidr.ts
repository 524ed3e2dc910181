/**
 * IP addresses and networks in CIDR form, IPv4 and IPv6.
 *
 * Promises: a text has one reading or none: what another reader might take for a different address (leading
 * zeros, missing parts, a network with bits of a host in it) is refused. An IPv4 address that arrives in IPv6
 * (`::ffff:192.0.2.1`, as dual-stack sockets report it) is the IPv4 address.
 * Does not promise to know who is behind an address: tunnels, carriers and offices share them.
 */

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Network extends Address {
  /** Length of the prefix, at most 32 or 128. */
  readonly bits: number;
}

const MAPPED_PREFIX = 0xffffn << 32n;

/** Undefined for what is no address; a zone (`%eth0`), which only the own machine knows, is left out. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 100) return undefined;
  const zone = text.indexOf('%');
  const address = parseBare(zone === -1 ? text : text.slice(0, zone));
  if (zone !== -1 && (address?.family !== 6 || !/^[\w.-]+$/.test(text.slice(zone + 1)))) {
    return undefined;
  }
  return address && unmap(address);
}

/** Undefined for what is no network; a bare address is the network of that one address. */
export function parseNetwork(text: string): Network | undefined {
  const [, addressText, bitsText] = /^([^/%]{1,45})(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const address = addressText === undefined ? undefined : parseBare(addressText);
  if (address === undefined) return undefined;
  const width = address.family === 4 ? 32 : 128;
  const bits = bitsText === undefined ? width : Number(bitsText);
  if (bits > width) return undefined;
  // 10.0.0.1/8 is either 10.0.0.0/8 or 10.0.0.1: whoever wrote it must say which.
  if ((address.value & ((1n << BigInt(width - bits)) - 1n)) !== 0n) return undefined;
  const plain = unmap(address);
  if (plain.family === address.family) return { ...address, bits };
  // Wider than the mapped block it would be half IPv4, half something else.
  return bits < 96 ? undefined : { ...plain, bits: bits - 96 };
}

export function isInside(network: Network, address: Address): boolean {
  if (network.family !== address.family) return false;
  const shift = BigInt((network.family === 4 ? 32 : 128) - network.bits);
  return network.value >> shift === address.value >> shift;
}

function unmap(address: Address): Address {
  return address.family === 6 && address.value >> 32n === MAPPED_PREFIX >> 32n
    ? { family: 4, value: address.value & 0xffff_ffffn }
    : address;
}

function parseBare(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    // A leading zero is octal to some readers.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return { family: 4, value };
}

function parseV6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = halves.map((half, index) => readGroups(half, index === halves.length - 1));
  const [head, tail] = groups;
  if (head === undefined || groups.includes(undefined)) return undefined;
  const known = head.length + (tail?.length ?? 0);
  // `::` stands for one group of zeros at least.
  if (tail === undefined ? known !== 8 : known > 7) return undefined;
  const all = tail === undefined ? head : [...head, ...Array(8 - known).fill(0), ...tail];
  return {
    family: 6,
    value: all.reduce<bigint>((value, group) => (value << 16n) | BigInt(group), 0n),
  };
}

/** The groups of one side of `::`; the last of the address may be written as IPv4. */
function readGroups(half: string, isLast: boolean): number[] | undefined {
  if (half === '') return [];
  const texts = half.split(':');
  const groups: number[] = [];
  for (const [index, text] of texts.entries()) {
    if (isLast && index === texts.length - 1 && text.includes('.')) {
      const embedded = parseV4(text);
      if (embedded === undefined) return undefined;
      groups.push(Number(embedded.value >> 16n), Number(embedded.value & 0xffffn));
    } else if (/^[0-9a-f]{1,4}$/i.test(text)) {
      groups.push(Number.parseInt(text, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}
