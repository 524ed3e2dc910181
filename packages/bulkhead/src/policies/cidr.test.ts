import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInside, parseAddress, parseNetwork } from './cidr.ts';

/** A slow reading to hold ours against: addresses as strings of binary digits, told apart by Node's own isIP. */
function bitsOf(text: string): string | undefined {
  const family = isIP(text);
  if (family === 4) {
    return text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  }
  if (family !== 6) return undefined;
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((n) => n.toString(16)).join(':'),
  );
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const filled = [...left, ...Array(8 - left.length - right.length).fill('0'), ...right];
  const bits = filled
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
  return bits.startsWith('0'.repeat(80) + '1'.repeat(16)) ? bits.slice(96) : bits;
}

const v4 = fc.ipV4();
const v6 = fc.oneof(
  fc.ipV6(),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(':')),
);
const mapped = v4.map((text) => `::ffff:${text}`);
const address = fc.oneof(v4, v6, mapped);

test('an address means what its bits say, in whichever form it is written', () => {
  fc.assert(
    fc.property(address, (text) => {
      const read = parseAddress(text);
      const bits = bitsOf(text);
      expect(read).toBeDefined();
      expect(read?.value).toBe(BigInt(`0b${bits}`));
      expect(read?.family).toBe(bits?.length === 32 ? 4 : 6);
    }),
    { numRuns: 2_000 },
  );
});

test('whatever Node takes for no address is none to us either', () => {
  const noise = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef:./%'), maxLength: 45 }),
    address.chain((text) =>
      fc
        .tuple(fc.nat(text.length), fc.constantFrom('', '0', ':', '.', 'g', ' '))
        .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
    ),
  );
  fc.assert(
    fc.property(noise, (text) => {
      if (text.includes('%')) return;
      expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
    }),
    { numRuns: 5_000 },
  );
});

test('a network holds exactly the addresses that begin with its prefix', () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6), fc.oneof(v4, v6, mapped), fc.nat(128), (base, other, wanted) => {
      const bits = bitsOf(base) ?? '';
      const at = Math.min(wanted, bits.length);
      const network = bits.slice(0, at).padEnd(bits.length, '0');
      const written = parseNetwork(`${write(network)}/${at}`);
      expect(written).toBeDefined();
      for (const candidate of [base, other]) {
        const read = parseAddress(candidate);
        const theirs = bitsOf(candidate) ?? '';
        if (written === undefined || read === undefined) throw new Error('both are well-formed');
        expect(isInside(written, read)).toBe(
          theirs.length === bits.length && theirs.startsWith(bits.slice(0, at)),
        );
      }
    }),
    { numRuns: 3_000 },
  );
});

/** Binary digits as text; a mapped prefix never occurs in what bitsOf returns for IPv6. */
function write(bits: string): string {
  const size = bits.length === 32 ? 8 : 16;
  const groups = bits.match(new RegExp(`.{${size}}`, 'g')) ?? [];
  const numbers = groups.map((group) => Number.parseInt(group, 2));
  return size === 8 ? numbers.join('.') : numbers.map((number) => number.toString(16)).join(':');
}

test('Node’s own block list agrees', () => {
  fc.assert(
    fc.property(v4, v4, fc.integer({ min: 1, max: 32 }), (base, other, at) => {
      const network = write((bitsOf(base) ?? '').slice(0, at).padEnd(32, '0'));
      const list = new BlockList();
      list.addSubnet(network, at, 'ipv4');
      const ours = parseNetwork(`${network}/${at}`);
      const read = parseAddress(other);
      if (ours === undefined || read === undefined) throw new Error('both are well-formed');
      expect(isInside(ours, read)).toBe(list.check(other, 'ipv4'));
    }),
  );
});

test.each([
  ['10.0.0.1/8', 'bits of a host'],
  ['2001:db8::1/32', 'bits of a host'],
  ['10.0.0.0/33', 'too long a prefix'],
  ['::/129', 'too long a prefix'],
  ['10.0.0.0/08', 'a leading zero'],
  ['010.0.0.0/8', 'an octal part'],
  ['10/8', 'missing parts'],
  ['0x0a.0.0.0/8', 'a hexadecimal part'],
  ['10.0.0.0/', 'no prefix'],
  ['10.0.0.0/8/8', 'two prefixes'],
  [' 10.0.0.0/8', 'a space'],
  ['fe80::%eth0/10', 'a zone'],
  ['::ffff:0:0/95', 'half of the mapped block'],
  ['1::2::3', 'two runs of zeros'],
  ['1:2:3:4:5:6:7::8', 'a run of no zeros'],
  ['٣.0.0.0/8', 'digits of another script'],
  ['', 'nothing'],
])('%j is no network: %s', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
});

test('a mapped network is the IPv4 network', () => {
  expect(parseNetwork('::ffff:10.0.0.0/104')).toEqual(parseNetwork('10.0.0.0/8'));
  expect(parseAddress('::FFFF:a00:1')).toEqual(parseAddress('10.0.0.1'));
});

test('every address of one family, and none of the other', () => {
  const all = parseNetwork('0.0.0.0/0');
  const v6Address = parseAddress('2001:db8::1');
  const v4Address = parseAddress('255.255.255.255');
  if (!all || !v6Address || !v4Address) throw new Error('well-formed');
  expect(isInside(all, v4Address)).toBe(true);
  expect(isInside(all, v6Address)).toBe(false);
});

test('a zone is left out of an address', () => {
  expect(parseAddress('fe80::1%lo0')).toEqual(parseAddress('fe80::1'));
  expect(parseAddress('10.0.0.1%lo0')).toBeUndefined();
  expect(parseAddress('fe80::1%')).toBeUndefined();
});
