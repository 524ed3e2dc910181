/**
 * Cuts a file into its statements with PostgreSQL's own parser, because what runs outside a transaction
 * must be sent one by one, and quotes, dollar quotes and comments make every simpler cut wrong.
 */

export interface SplitStatement {
  readonly sql: string;
  /** The index that `CREATE INDEX CONCURRENTLY` builds; killed half-way, it is left behind invalid. */
  readonly concurrentIndex?: { readonly schema: string; readonly name: string };
}

export async function splitStatements(sql: string): Promise<SplitStatement[]> {
  // A megabyte, which only a migration outside of a transaction needs.
  const { parse } = await import('libpg-query');
  const { stmts = [] } = await parse(sql);
  // The parser counts bytes, not UTF-16 units.
  const bytes = Buffer.from(sql, 'utf8');
  return stmts.map((raw) => {
    const start = raw.stmt_location ?? 0;
    const end = raw.stmt_len ? start + raw.stmt_len : bytes.length;
    const text = bytes.subarray(start, end).toString('utf8').trim();
    const index = raw.stmt && 'IndexStmt' in raw.stmt ? raw.stmt.IndexStmt : undefined;
    if (!index?.concurrent || index.idxname === undefined) return { sql: text };
    // An index always lands in its table's schema.
    const schema = index.relation?.schemaname ?? 'public';
    return { sql: text, concurrentIndex: { schema, name: index.idxname } };
  });
}
