import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf, parseEmailAddress, readEmailAddress } from './email-address.ts';

const refused = expect.objectContaining({ code: 'identity.email_invalid', status: 400 });

describe('one mailbox has one spelling', () => {
  it.each([
    ['Ada@Acme.Example', 'ada@acme.example'],
    ['  ada@acme.example\r\n', 'ada@acme.example'],
    ['ada+notes@acme.example', 'ada+notes@acme.example'],
    ["o'hara.j@acme.example", "o'hara.j@acme.example"],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@acme。example', 'ada@acme.example'],
  ])('%j is %s', (text, address) => {
    expect(parseEmailAddress(text)).toBe(address);
  });
  it('says the domain', () => {
    expect(domainOf(parseEmailAddress('ada@Acme.Example'))).toBe('acme.example');
  });
});

describe('look-alikes are other addresses, or none', () => {
  it('a domain with a Cyrillic а is not the Latin one', () => {
    expect(parseEmailAddress('ada@аcme.example')).not.toBe('ada@acme.example');
    expect(parseEmailAddress('ada@аcme.example')).toMatch(/@xn--/);
  });
  it.each([
    ['a Cyrillic а before the @', 'аda@acme.example'],
    ['the Kelvin sign, which folds to k', '\u212Aim@acme.example'],
    ['a dotless i', 'ıda@acme.example'],
    ['a combining accent', 'ada\u0301@acme.example'],
    ['full-width letters', 'ａda@acme.example'],
    ['a zero-width space', 'ada\u200b@acme.example'],
    ['a right-to-left override', 'ada\u202e@acme.example'],
    ['a full-width @', 'ada＠acme.example'],
    ['a no-break space around', '\u00a0ada@acme.example'],
    ['a soft hyphen alone as a domain', 'ada@\u00ad'],
  ])('%s is refused', (_case, text) => {
    expect(() => parseEmailAddress(text)).toThrow(refused);
  });
});

describe('refuses what is not one plain address', () => {
  it.each([
    '',
    '@',
    'ada',
    'ada@',
    '@acme.example',
    'ada@acme',
    'ada@localhost',
    'ada@[192.0.2.1]',
    'ada@192.0.2.1',
    'ada@0x7f.1',
    'ada@acme.example.',
    'ada@ acme.example',
    'ada @acme.example',
    'ada@acme..example',
    'ada@-acme.example',
    'ada@acme.example/x',
    'ada@ex%61mple.com',
    'ada@acme.example:25',
    '.ada@acme.example',
    'ada.@acme.example',
    'a..da@acme.example',
    '"ada lovelace"@acme.example',
    '"ada@acme.example"@globex.example',
    'ada@acme.example@globex.example',
    'ada@acme.example,eve@globex.example',
    'ada@acme.example\r\nBcc: eve@globex.example',
    'Ada <ada@acme.example>',
    'ada(comment)@acme.example',
    'ada\0@acme.example',
    '\\ada@acme.example',
    `${'a'.repeat(65)}@acme.example`,
    `a@${'a'.repeat(64)}.example`,
    `${'a'.repeat(60)}@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(20)}.example`,
    'a'.repeat(100_000),
    null,
    7,
    { toString: () => 'ada@acme.example' },
  ])('%j', (text) => {
    expect(() => parseEmailAddress(text)).toThrow(refused);
    expect(readEmailAddress(text)).toBeUndefined();
  });
  it('takes the longest that RFC 5321 allows', () => {
    const local = 'a'.repeat(64);
    const domain = `${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
    expect(parseEmailAddress(`${local}@${domain}`)).toHaveLength(254);
  });
});

describe('for any text', () => {
  it('an address is bounded printable ASCII in lower case, and reads as itself', () => {
    const near = fc
      .tuple(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.string({ unit: 'grapheme', maxLength: 30 }),
      )
      .map(([local, domain]) => `${local}@${domain}.example`);
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), near, fc.string({ unit: 'binary' })), (text) => {
        const address = readEmailAddress(text);
        if (address === undefined) return;
        expect(address).toMatch(/^[!-~]{3,254}$/);
        expect(address).toBe(address.toLowerCase());
        expect(parseEmailAddress(address)).toBe(address);
        expect(parseEmailAddress(address.toUpperCase())).toBe(address);
      }),
    );
  });
  it('distinct ASCII local parts stay distinct', () => {
    const local = fc.stringMatching(/^[a-z0-9+_-]{1,20}$/);
    fc.assert(
      fc.property(local, local, (one, other) => {
        const same =
          parseEmailAddress(`${one}@a.example`) === parseEmailAddress(`${other}@a.example`);
        expect(same).toBe(one === other);
      }),
    );
  });
});
