/**
 * Base64 and hex, read strictly: one text for one value. A decoder that forgives a wrong length, stray
 * characters or non-zero spare bits would let two different texts carry the same signature.
 */

/** Standard base64 with padding (RFC 4648, section 4), or nothing when `text` is not exactly that. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** 32 bytes, written in base64 or in hex; the two cannot be mistaken for each other by their lengths. */
export function decodeHash(text: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  const bytes = decodeBase64(text);
  return bytes?.length === 32 ? bytes : undefined;
}
