/**
 * A dishonest administrator of the database: changes what an event says, first carelessly, then with every hash
 * beside it made to fit. All of it as the superuser, whom nothing in the database stops.
 */
import pg from 'pg';

export interface Tampering {
  readonly what: string;
  readonly sql: string;
}

/** In its log's first chunk the first event that says `success`, as if it had failed; seven letters for seven. */
const EDIT = `update bulkhead.audit_chunk
   set entries = overlay(entries placing 'failure'::bytea
                         from position('"outcome":"success"'::bytea in entries) + 11)
 where tenant_id = $1 and class = 'standard' and first = 0`;

/** The leaf hashes of that chunk, computed anew from what stands there now (RFC 6962: SHA-256 of 0x00 and the entry). */
const COVER = `with recursive entry (n, at, length, entries) as (
  select 0, 1, get_byte(entries, 0) * 256 + get_byte(entries, 1), entries
    from bulkhead.audit_chunk where tenant_id = $1 and class = 'standard' and first = 0
  union all
  select n + 1, at + 2 + length,
         get_byte(entries, at + 1 + length) * 256 + get_byte(entries, at + 2 + length), entries
    from entry where at + 2 + length < octet_length(entries)
)
update bulkhead.audit_chunk
   set hashes = (select string_agg(sha256('\\x00'::bytea || substr(entries, at + 2, length)), ''::bytea order by n) from entry)
 where tenant_id = $1 and class = 'standard' and first = 0`;

export const tamperings: readonly Tampering[] = [
  { what: 'An event that succeeded is made to say that it failed', sql: EDIT },
  { what: 'The hashes beside it are made to fit', sql: COVER },
];

/** @returns how many rows it changed. */
export async function tamper(superuserUrl: string, tenant: string, sql: string): Promise<number> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query(sql, [tenant]);
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
