/**
 * Fills the app's tables with three organizations, once.
 *
 * Promises: all of an organization or nothing of it; a second call changes nothing. It writes with the
 * administrator's connection, because the app's role cannot create people; it is never reachable by HTTP.
 */
import type pg from 'pg';
import { acme } from './acme.ts';
import { borealis } from './borealis.ts';
import { cobalt } from './cobalt.ts';
import type { SeedOrganization } from './organization.ts';
import { type Row, seedRows, tenantIdOf } from './rows.ts';

export const ORGANIZATIONS: readonly SeedOrganization[] = [acme, borealis, cobalt];
/** Everyone's, and printed by the demo. Of course no product would do this. */
export const DEMO_PASSWORD = 'open-the-hatch';

async function insertRows(client: pg.Client, table: string, rows: readonly Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  await client.query(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1)`,
    [JSON.stringify(rows)],
  );
}

/** @returns how many organizations were new. */
export async function seed(client: pg.Client, today: Date): Promise<number> {
  let added = 0;
  for (const organization of ORGANIZATIONS) {
    const known = await client.query('select 1 from person where tenant_id = $1 limit 1', [
      tenantIdOf(organization),
    ]);
    if (known.rowCount) continue;
    await client.query('begin');
    try {
      for (const [table, rows] of Object.entries(seedRows(organization, today))) {
        await insertRows(client, table, rows);
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
    added += 1;
  }
  return added;
}
