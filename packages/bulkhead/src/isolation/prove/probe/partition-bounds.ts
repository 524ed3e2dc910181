/** Which value of a partition's key falls into it: the lower bound of a range, the first of a list. */
import type { ClientBase } from 'pg';
import type { Catalog, Oid } from '../catalog/model.ts';
import type { PartitionBounds } from './plan-rows.ts';

const boundsSql = `
  select c.oid::int8::text as oid, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as bound,
         array(select a.attname::text from pg_catalog.unnest(p.partattrs::int2[]) with ordinality k(number, at)
                 join pg_catalog.pg_attribute a on a.attrelid = p.partrelid and a.attnum = k.number order by at) as names
    from pg_catalog.pg_class c
    join pg_catalog.pg_inherits i on i.inhrelid = c.oid
    join pg_catalog.pg_partitioned_table p on p.partrelid = i.inhparent
   where c.relispartition`;

export async function readPartitionBounds(
  client: ClientBase,
  catalog: Catalog,
): Promise<PartitionBounds> {
  const { rows } = await client.query<{ oid: string; bound: string; names: string[] }>(boundsSql);
  const bounds = new Map<Oid, Map<number, string>>();
  for (const { oid, bound, names } of rows) {
    const relation = catalog.relations.get(Number(oid));
    if (relation === undefined) continue;
    const list = /^FOR VALUES (?:FROM|IN) \((.*?)\)(?: TO |$)/s.exec(bound)?.[1];
    const values = [...(list ?? '').matchAll(/'((?:[^']|'')*)'|([^,\s]+)/g)].map(
      ([, quoted, bare]) => quoted?.replaceAll("''", "'") ?? bare,
    );
    const own = new Map<number, string>();
    for (const [index, name] of names.entries()) {
      const value = values[index];
      const column = relation.columns.find((one) => one.name === name);
      if (value === undefined || column === undefined || /^(MINVALUE|NULL)$/.test(value)) continue;
      own.set(column.number, value);
    }
    bounds.set(relation.oid, own);
  }
  for (const oid of bounds.keys()) inheritBounds(catalog, oid, bounds);
  return bounds;
}

/** A partition of a partition must also fit the one above. */
function inheritBounds(catalog: Catalog, oid: Oid, bounds: Map<Oid, Map<number, string>>): void {
  const relation = catalog.relations.get(oid);
  const own = bounds.get(oid);
  if (relation === undefined || own === undefined) return;
  const above = new Set<Oid>();
  let [parent] = relation.parents;
  while (parent !== undefined && !above.has(parent)) {
    above.add(parent);
    const upper = catalog.relations.get(parent);
    for (const [number, value] of bounds.get(parent) ?? []) {
      const name = upper?.columns.find((one) => one.number === number)?.name;
      const column = relation.columns.find((one) => one.name === name);
      if (column !== undefined && !own.has(column.number)) own.set(column.number, value);
    }
    parent = upper?.parents[0];
  }
}
