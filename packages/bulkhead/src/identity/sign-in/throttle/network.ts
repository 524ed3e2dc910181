/**
 * The network that an address stands for when attempts are counted.
 *
 * Promises: an IPv6 host cannot get round a limit by taking another of its 2^64 addresses; an IPv4 address
 * written as IPv6 counts as itself; every spelling of an address counts as the same.
 */
import { isIP } from 'node:net';

/** `203.0.113.7`, or `2001:db8:0:1::/64`; undefined for what is no address. */
export function networkOf(address: string): string | undefined {
  const plain = address.replace(/%.*$/, '').replace(/^\[(.*)\]$/, '$1');
  if (isIP(plain) === 4) return plain;
  if (isIP(plain) !== 6) return undefined;
  // The URL parser writes every spelling of an address in one way.
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (mapped !== null) {
    const [high, low] = [mapped[1], mapped[2]].map((part) => Number.parseInt(part ?? '', 16));
    return [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join('.');
  }
  return `${expand(canonical).slice(0, 4).join(':')}::/64`;
}

function expand(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
}
