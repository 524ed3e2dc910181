/** A fingerprint of every tenant's rows, to see afterwards whether a write crossed. */
import type pg from 'pg';
import type { RowsChanged } from '../report.ts';
import type { Column, Relation } from './survey.ts';

interface Print {
  readonly rows: number;
  readonly digest: string;
}

/** By table, then by tenant; `(shared)` stands for a table without tenants. */
export type Fingerprint = ReadonlyMap<string, ReadonlyMap<string, Print>>;

export const SHARED = '(shared)';

export async function takeFingerprint(
  admin: pg.Client,
  tables: readonly (Relation & { readonly tenantColumn: Column })[],
  shared: readonly Relation[],
): Promise<Fingerprint> {
  const prints = new Map<string, ReadonlyMap<string, Print>>();
  for (const table of [...tables, ...shared]) {
    const tenant =
      table.tenantColumn === undefined
        ? `'${SHARED}'`
        : `coalesce(t.${table.tenantColumn.sql}::text, '${SHARED}')`;
    // A sum of row digests needs no sort, so a big table costs one scan.
    const { rows } = await admin.query<{ tenant: string; rows: number; digest: string }>(
      `select ${tenant} as tenant, count(*)::float8 as rows,
              md5(sum(hashtextextended(t::text, 0)::numeric)::text || ' ' || count(*)) as digest
         from ${table.sql} t group by 1 order by 1`,
    );
    prints.set(
      table.sql,
      new Map(rows.map((row) => [row.tenant, { rows: row.rows, digest: row.digest }])),
    );
  }
  return prints;
}

export function compareFingerprints(before: Fingerprint, after: Fingerprint): RowsChanged[] {
  const changed: RowsChanged[] = [];
  for (const [table, tenants] of before) {
    const now = after.get(table);
    for (const tenant of new Set([...tenants.keys(), ...(now?.keys() ?? [])])) {
      const was = tenants.get(tenant);
      const is = now?.get(tenant);
      if (was?.digest === is?.digest) continue;
      changed.push({ table, tenant, rowsBefore: was?.rows ?? 0, rowsAfter: is?.rows ?? 0 });
    }
  }
  return changed;
}
