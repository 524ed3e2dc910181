import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256 } from './hmac.ts';

test('is HMAC-SHA256, whatever the text', () => {
  const meant = (key: Uint8Array, text: string) =>
    createHmac('sha256', key).update(text).digest('base64');
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(1, 1, 1, 500),
      (key, text, times) => {
        const given = text.repeat(times);
        expect(hmacSha256(key, given)).toBe(meant(key, given));
      },
    ),
    { numRuns: 200 },
  );
});

test.each([0, 31, 33, 64])('refuses a key of %i bytes', (length) => {
  expect(() => hmacSha256(randomBytes(length), 'text')).toThrow(RangeError);
});
