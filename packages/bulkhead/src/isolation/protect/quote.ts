/**
 * Names and literals in generated SQL.
 *
 * Promises: whatever a name holds (quotes, newlines, SQL, 63 bytes of anything) it stays one identifier, one
 * literal or one comment; generated names fit 63 bytes and differ where their sources differ.
 */
import { createHash } from 'node:crypto';

const NAME_BYTES_MAX = 63;

/** Always quoted: a list of reserved words would be one more thing to keep right. */
export function quoteIdent(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? ` E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

export function qualified(relation: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdent(relation.schema)}.${quoteIdent(relation.name)}`;
}

export function quoteColumns(columns: readonly string[]): string {
  return columns.map(quoteIdent).join(', ');
}

/** A regclass that is NULL, not an error, when the relation is gone. */
export function regclassOf(relation: { readonly schema: string; readonly name: string }): string {
  return `pg_catalog.to_regclass(${quoteLiteral(qualified(relation))})`;
}

/** A name as a person reads it, safe inside a one-line SQL comment and on a terminal. */
export function displayName(name: string): string {
  // Control characters would end the comment (newline) or steer the terminal (escape).
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

export function displayRelation(relation: {
  readonly schema: string;
  readonly name: string;
}): string {
  const name = displayName(relation.name);
  return relation.schema === 'public' ? name : `${displayName(relation.schema)}.${name}`;
}

/** Dollar quotes with a tag that the body does not contain. */
export function dollarQuote(body: string): string {
  let tag = '$bulkhead$';
  for (let n = 1; body.includes(tag); n += 1) tag = `$bulkhead${n}$`;
  return `${tag}${body}${tag}`;
}

/** `<base>_<suffix>`, or a shortened base with a digest of the whole where that is too long. */
export function generatedName(base: string, suffix: string): string {
  const plain = `${base}_${suffix}`;
  if (Buffer.byteLength(plain) <= NAME_BYTES_MAX) return plain;
  const digest = createHash('sha256').update(base).digest('hex').slice(0, 8);
  const room = NAME_BYTES_MAX - suffix.length - digest.length - 2;
  let short = '';
  for (const character of base) {
    if (Buffer.byteLength(short + character) > room) break;
    short += character;
  }
  return `${short}_${digest}_${suffix}`;
}
