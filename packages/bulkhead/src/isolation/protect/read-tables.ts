/**
 * Reads what `protect` must know about tables, and about whatever is one foreign key away from them.
 *
 * Promises: one snapshot, read only, no lock beyond ACCESS SHARE on the catalog.
 */
import type { ClientBase } from 'pg';
import { type Catalog, catalogSchema } from './catalog.ts';
import { neighboursSql, resolveSql, serverSql, similarSql, tablesSql } from './read-tables.sql.ts';

export interface ReadTablesOptions {
  /** The login role of the app. */
  readonly appRole: string;
  /** Where unqualified names are looked for, in order. */
  readonly searchPath?: readonly string[];
}

/**
 * @param names as a person writes them: `projects`, `billing.invoices`, `"Odd Name"`; exact spelling wins.
 */
export async function readTables(
  client: ClientBase,
  names: readonly string[],
  options: ReadTablesOptions,
): Promise<Catalog> {
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    await client.query("set local search_path = ''");
    const catalog = await readSnapshot(client, names, options);
    await client.query('commit');
    return catalog;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

async function readSnapshot(
  client: ClientBase,
  names: readonly string[],
  { appRole, searchPath = ['public'] }: ReadTablesOptions,
): Promise<Catalog> {
  const resolved = await client.query<{ name: string; oid: string | null }>(resolveSql, [
    names,
    searchPath,
  ]);
  const listed = [...new Set(resolved.rows.flatMap((row) => (row.oid === null ? [] : [row.oid])))];
  const missing = await client.query<{ name: string; similar: string[] }>(similarSql, [
    resolved.rows.flatMap((row) => (row.oid === null ? [row.name] : [])),
  ]);
  const near = await client.query<{ oid: string }>(neighboursSql, [listed]);
  const server = await client.query<Record<string, unknown>>(serverSql, [appRole]);
  const tables = await client.query<{ document: unknown }>(tablesSql, [
    near.rows.map((row) => row.oid),
    appRole,
  ]);
  return catalogSchema.parse({
    ...server.rows[0],
    appRoleName: appRole,
    listed: listed.map(Number),
    missing: missing.rows,
    tables: tables.rows.map((row) => row.document),
  });
}
