/**
 * Materialized views over tenants' data: they hold every tenant's rows, and no row-level security can be
 * put on them. Views above one are judged where they are read.
 */
import type { Oid } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import type { Rule, World } from '../world.ts';
import { holders, isTenantData, onRelation, readExploit, table } from './finding.ts';

export const materializedViews: Rule = (world) => {
  const findings: Finding[] = [];
  for (const { relation, columns } of world.surface.relations.values()) {
    if (relation.kind !== 'matview' || !columns.has('SELECT')) continue;
    const source = tenantSource(world, relation.oid, new Set());
    if (source === null) continue;
    const from = new Set([
      ...holders(world, relation.acl, 'SELECT'),
      ...relation.columns.flatMap(({ acl }) => holders(world, acl, 'SELECT')),
    ]);
    const tenant = relation.columns.find(({ name }) =>
      world.convention.tenantColumns.includes(name),
    );
    findings.push(
      onRelation(relation, {
        kind: 'materialized-view',
        severity: 'high',
        why: `The materialized view holds rows of every tenant (from ${source}), and row-level security cannot be put on it.`,
        exploit: tenant
          ? readExploit(
              { ...world, tenancy: new Map([[relation.oid, { kind: 'tenant', column: tenant }]]) },
              relation,
            )
          : readExploit(world, relation),
        fix:
          from.size > 0
            ? `revoke select on ${table(relation)} from ${[...from].sort().join(', ')};`
            : null,
      }),
    );
  }
  return findings;
};

/** Some table of tenants that a view reads, through views and parsed function bodies. */
function tenantSource(world: World, oid: Oid, seen: Set<Oid>): string | null {
  if (seen.has(oid)) return null;
  seen.add(oid);
  const used = world.catalog.dependencies.get(oid);
  for (const next of used?.relations ?? []) {
    const relation = world.catalog.relations.get(next);
    if (relation === undefined) continue;
    if (isTenantData(world.tenancy.get(next))) return `${relation.schema}.${relation.name}`;
    const below = tenantSource(world, next, seen);
    if (below !== null) return below;
  }
  for (const next of used?.routines ?? []) {
    const below = tenantSource(world, next, seen);
    if (below !== null) return below;
    const routine = world.catalog.routines.get(next);
    const named = routine && namedIn(world, routine.source);
    if (named) return named;
  }
  return null;
}

/** A body held as text names its tables without the catalog knowing. */
function namedIn(world: World, source: string): string | null {
  for (const [oid, kind] of world.tenancy) {
    const relation = world.catalog.relations.get(oid);
    if (relation === undefined || !isTenantData(kind)) continue;
    if (new RegExp(`\\b${relation.name.replace(/\W/g, '\\$&')}\\b`, 'i').test(source)) {
      return `${relation.schema}.${relation.name}`;
    }
  }
  return null;
}
