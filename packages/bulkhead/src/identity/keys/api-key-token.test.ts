import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apiKeyPattern, isApiKey, mintApiKey } from './api-key-token.ts';

const PREFIX = 'acme_live';

describe('a minted key', () => {
  it('is its prefix, 256 bits and a checksum, and hashes to its SHA-256', () => {
    const { token, hash, hint } = mintApiKey(PREFIX);
    expect(token).toMatch(/^acme_live_[0-9A-Za-z]{49}$/);
    expect(isApiKey(PREFIX, token)).toBe(true);
    expect(hash).toEqual(createHash('sha256').update(token).digest());
    expect(token.endsWith(hint)).toBe(true);
    expect(hint).toHaveLength(4);
  });

  it('is never the same twice', () => {
    const tokens = new Set(Array.from({ length: 1_000 }, () => mintApiKey(PREFIX).token));
    expect(tokens.size).toBe(1_000);
  });

  it('uses all of its alphabet, in every place but the first', () => {
    const places = Array.from({ length: 42 }, () => new Set<string>());
    for (let count = 0; count < 2_000; count += 1) {
      const secret = mintApiKey('k1').token.slice('k1_'.length + 1, -6);
      for (const [at, character] of [...secret].entries()) places[at]?.add(character);
    }
    for (const seen of places) expect(seen.size).toBe(62);
  });

  it('is what the pattern for secret scanners finds, and found in a text', () => {
    const { token } = mintApiKey(PREFIX);
    const found = `KEY="${token}" # and more`.match(new RegExp(apiKeyPattern(PREFIX)));
    expect(found?.[0]).toBe(token);
  });
});

describe('what is no key', () => {
  it('any other character in any place', () => {
    const { token } = mintApiKey(PREFIX);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: token.length - 1 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
        (at, other) => {
          const changed = token.slice(0, at) + other + token.slice(at + 1);
          expect(isApiKey(PREFIX, changed)).toBe(changed === token);
        },
      ),
    );
  });

  it('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(isApiKey(PREFIX, text)).toBe(false);
        expect(isApiKey(PREFIX, `${PREFIX}_${text}`)).toBe(false);
      }),
    );
  });

  it('two characters that changed places', () => {
    const { token } = mintApiKey(PREFIX);
    for (let at = PREFIX.length + 1; at < token.length - 1; at += 1) {
      const [one, two] = [token.charAt(at), token.charAt(at + 1)];
      const swapped = token.slice(0, at) + two + one + token.slice(at + 2);
      expect(isApiKey(PREFIX, swapped)).toBe(one === two);
    }
  });

  it('a key of another product', () => {
    const { token } = mintApiKey('acme_test');
    expect(isApiKey(PREFIX, token)).toBe(false);
    expect(isApiKey(PREFIX, token.replace('acme_test', PREFIX))).toBe(false);
  });

  it('but whoever knows how can forge the checksum: the database decides', () => {
    const body = `${PREFIX}_${'0'.repeat(43)}`;
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    let text = '';
    for (let rest = crc32(body); text.length < 6; rest = Math.floor(rest / 62)) {
      text = alphabet.charAt(rest % 62) + text;
    }
    expect(isApiKey(PREFIX, body + text)).toBe(true);
  });
});
