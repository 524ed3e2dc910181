/**
 * Which columns carry the colour of their row's tenant.
 *
 * Promises: the tenant column itself, the registry's and tenant tables' own keys, and every foreign key
 * that leads to one of these. Says nothing about rows; whether one row may mix two colours is asked in
 * `planting.ts`.
 */
import type { Catalog, Constraint, Oid, Relation } from '../catalog/model.ts';
import type { World } from '../world.ts';

/** `tenant`: names the tenant. `key`: names this row. `link`: names another tenant's or this tenant's thing. */
export type ColumnColouring = 'tenant' | 'key' | 'link';
export type Colouring = ReadonlyMap<string, ColumnColouring>;

const EMPTY: Colouring = new Map();
const cache = new WeakMap<World, ReadonlyMap<Oid, Colouring>>();

export function colouringOf(world: World, relation: Relation): Colouring {
  let all = cache.get(world);
  if (all === undefined) {
    all = colourAll(world);
    cache.set(world, all);
  }
  const parent = lender(world.catalog, relation);
  if (parent !== undefined) return colouringOf(world, parent);
  return all.get(relation.oid) ?? (relation.kind === 'matview' ? byName(world, relation) : EMPTY);
}

/** Whose columns a partition has that nothing was granted on: it has their colours too. */
function lender(catalog: Catalog, relation: Relation): Relation | undefined {
  if (!relation.isPartition || catalog.constraints.has(relation.oid)) return undefined;
  const parent = catalog.relations.get(relation.parents[0] ?? 0);
  return parent?.columns === relation.columns ? parent : undefined;
}

export function keysOf(catalog: Catalog, relation: Oid): readonly Constraint[] {
  return (catalog.constraints.get(relation) ?? []).filter(
    (c) => c.kind === 'primary' || c.kind === 'unique',
  );
}

export function foreignKeysOf(catalog: Catalog, relation: Oid): readonly Constraint[] {
  return (catalog.constraints.get(relation) ?? []).filter((c) => c.references !== null);
}

function byName(world: World, relation: Relation): Colouring {
  const found = relation.columns.filter((c) => world.convention.tenantColumns.includes(c.name));
  return new Map(found.map((c) => [c.name, 'tenant'] as const));
}

function colourAll(world: World): ReadonlyMap<Oid, Colouring> {
  const { catalog, convention } = world;
  const all = new Map<Oid, Map<string, ColumnColouring>>();
  for (const [oid, tenancy] of world.tenancy) {
    const relation = catalog.relations.get(oid);
    if (relation === undefined || tenancy.kind === 'shared') continue;
    if (lender(catalog, relation) !== undefined) continue;
    const columns = new Map<string, ColumnColouring>();
    for (const key of keysOf(catalog, oid)) {
      const name = key.columns.length === 1 ? nameOf(relation, key.columns[0]) : undefined;
      const column = relation.columns.find((c) => c.name === name);
      // A unique number or slug may well be guessed, but it still names one row, hence one tenant.
      if (column !== undefined && key.kind === 'primary') columns.set(column.name, 'key');
    }
    for (const column of relation.columns) {
      if (convention.tenantColumns.includes(column.name)) columns.set(column.name, 'tenant');
    }
    if (tenancy.kind === 'tenant') columns.set(tenancy.column.name, 'tenant');
    all.set(oid, columns);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const [oid, columns] of all) {
      const relation = catalog.relations.get(oid);
      if (relation === undefined) continue;
      for (const key of foreignKeysOf(catalog, oid)) {
        const target =
          key.references === null ? undefined : catalog.relations.get(key.references.relation);
        if (target === undefined) continue;
        key.columns.forEach((number, at) => {
          const own = nameOf(relation, number);
          const theirs = nameOf(target, key.references?.columns[at]);
          if (own === undefined || theirs === undefined || columns.has(own)) return;
          const coloured = all.get(target.oid)?.has(theirs) === true || isUsers(target);
          if (!coloured) return;
          columns.set(own, world.convention.registries.has(target.oid) ? 'tenant' : 'link');
          changed = true;
        });
      }
    }
  }
  return all;
}

/** Supabase's table of users: who a user is decides which tenants are theirs. */
const isUsers = (relation: Relation): boolean =>
  relation.schema === 'auth' && relation.name === 'users';

const nameOf = (relation: Relation, number: number | undefined): string | undefined =>
  relation.columns.find((c) => c.number === number)?.name;
