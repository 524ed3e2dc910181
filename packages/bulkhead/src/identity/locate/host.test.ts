import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDomain, readHost } from './host.ts';

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const name = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 4 }), fc.stringMatching(/^[a-z]{2,10}$/))
  .map(([labels, top]) => [...labels, top].join('.'));

describe('reading the Host header', () => {
  it('folds case, port and trailing dot of any host to one spelling', () => {
    fc.assert(
      fc.property(
        name,
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 65_535 })),
        (host, dot, port) => {
          const written = `${host.toUpperCase()}${dot ? '.' : ''}${port === null ? '' : `:${port}`}`;
          expect(readHost(written)).toBe(host);
        },
      ),
    );
  });

  it('yields a well-formed name, null or a refusal for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        let read: string | null;
        try {
          read = readHost(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'identity.request_malformed', status: 400 });
          return;
        }
        if (read !== null) expect(read).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/);
      }),
    );
  });

  it.each(['127.0.0.1', '127.0.0.1:3000', '[::1]', '[::1]:3000', '[FE80::1]', '1.2.3.4.'])(
    'reads the address %s as naming no tenant',
    (host) => {
      expect(readHost(host)).toBeNull();
    },
  );

  it.each([
    '',
    '.',
    '..',
    'acme..example',
    '.acme.example',
    'acme.example..',
    'acme.example:',
    'acme.example:80:80',
    'acme.example:999999',
    'user@acme.example',
    'acme.example/x',
    'acme.example\\x',
    'acme%2eexample',
    'acme example',
    'acme\t.example',
    'acme\u0000.example',
    'acme_x.example',
    '-acme.example',
    'acme-.example',
    'münchen.example',
    'ａcme.example',
    'a.example, b.example',
    '[::1',
    '[::1]x',
    '[::1%25eth0]',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}example`,
    'a'.repeat(100_000),
  ])('refuses %j', (host) => {
    expect(() => readHost(host)).toThrowError(
      expect.objectContaining({ code: 'identity.request_malformed' }),
    );
  });
});

describe('reading a custom domain', () => {
  it('turns Unicode into punycode', () => {
    expect(readDomain('Notizen.MÜNCHEN.example.')).toBe('notizen.xn--mnchen-3ya.example');
  });

  it.each([
    'localhost',
    '0x7f.1',
    '127.0.0.1',
    '[::1]',
    'https://a.example',
    'a.example:80',
    'a%2eb.example',
    'a b.example',
    '',
  ])('refuses %j', (text) => {
    expect(() => readDomain(text)).toThrowError(
      expect.objectContaining({ code: 'identity.domain_invalid' }),
    );
  });
});
