/**
 * Rows for the probe's tenants, planned before any is inserted: parents first, keys that fit together.
 *
 * Promises: a foreign key refers to the row of the same tenant in its parent's plan; no value comes from a sequence,
 * so none is advanced; a table that cannot be filled is left out, and its findings stay unconfirmed.
 */
import type { Catalog, Column, Constraint, Oid, Relation } from '../catalog/model.ts';
import { ident, qualified } from '../names.ts';
import type { World } from '../world.ts';
import { valueFor } from './column-values.ts';
import { type SyntheticTenant, tellingKey } from './tenants.ts';

export interface PlannedRow {
  readonly relation: Relation;
  /** By column number; null stands for NULL. A column that is not in it gets its default. */
  readonly values: ReadonlyMap<number, string | null>;
}

/**
 * `telling` rows have keys that exploits can name (`tellingKey`), `fresh` ones are the same with keys of their
 * own, `sparse` ones hold NULL and false wherever they may.
 */
export type RowShape = 'telling' | 'fresh' | 'sparse';

/** For a partition: a value of its key columns that falls into it. */
export type PartitionBounds = ReadonlyMap<Oid, ReadonlyMap<number, string>>;

/** One tenant's rows by relation, in the order in which they can be inserted. */
export type RowPlan = ReadonlyMap<Oid, PlannedRow>;

const USER_COLUMN = /(^|_)(user|member|profile|author|owner|creator|created_by|uid)(_?id)?$/i;

/** @param relations parents before children, as `insertionOrder` gives them */
export function planRows(
  world: World,
  tenant: SyntheticTenant,
  relations: readonly Relation[],
  options: { readonly shape: RowShape; readonly bounds: PartitionBounds },
): RowPlan {
  const plan = new Map<Oid, PlannedRow>();
  for (const relation of relations) {
    const values = planRow(
      world,
      tenant,
      relation,
      plan,
      options.shape,
      options.bounds.get(relation.oid),
    );
    if (values === undefined) continue;
    const row = { relation, values };
    plan.set(relation.oid, row);
    // What refers to a partitioned table refers to the row in its partition.
    for (const parent of ancestorsOf(world.catalog, relation)) {
      if (!plan.has(parent)) plan.set(parent, row);
    }
  }
  return plan;
}

function ancestorsOf(catalog: Catalog, relation: Relation): Oid[] {
  const found = new Set<Oid>();
  const visit = (one: Relation): void => {
    for (const oid of one.parents) {
      const parent = catalog.relations.get(oid);
      if (parent === undefined || found.has(oid)) continue;
      found.add(oid);
      visit(parent);
    }
  };
  visit(relation);
  return [...found];
}

function planRow(
  world: World,
  tenant: SyntheticTenant,
  relation: Relation,
  plan: RowPlan,
  shape: RowShape,
  bounds: ReadonlyMap<number, string> | undefined,
): Map<number, string | null> | undefined {
  const { catalog } = world;
  const constraints = catalog.constraints.get(relation.oid) ?? [];
  const isSparse = shape === 'sparse';
  const policies = catalog.policies.get(relation.oid) ?? [];
  // What a policy lets through by a value of its own (`status = 'published'`) is what a leak shows.
  const checks = [
    ...policies.map(({ using, check }) => `${using ?? ''} ${check ?? ''}`),
    ...constraints.filter(({ kind }) => kind === 'check').map((one) => one.definition),
  ];
  const keys = new Set(
    constraints.filter(({ kind }) => kind === 'primary').flatMap(({ columns }) => columns),
  );
  const given = tenantValues(world, relation, tenant);
  for (const [number, value] of referredValues(constraints, plan)) {
    if (!given.has(number)) given.set(number, value);
  }
  for (const [number, value] of bounds ?? []) if (!given.has(number)) given.set(number, value);
  const values = new Map<number, string | null>();
  for (const column of relation.columns) {
    if (column.generated !== null) continue;
    const known = given.get(column.number);
    if (known !== undefined) {
      values.set(column.number, known);
      continue;
    }
    const isNeeded = column.notNull || keys.has(column.number);
    const key =
      keys.has(column.number) && shape === 'telling' ? tellingKey(column.type, tenant) : undefined;
    if (key !== undefined) {
      values.set(column.number, key);
      continue;
    }
    if (isSparse && !isNeeded) {
      values.set(column.number, null);
      continue;
    }
    const value = valueFor({ column, catalog, canary: tenant.canary, checks });
    if (value !== undefined)
      values.set(column.number, isSparse && /^bool/.test(column.type) ? 'false' : value);
    else if (isNeeded && column.default === null) return undefined;
  }
  return values;
}

/** The tenant's own id where the row says whose it is, and its user's where it names a person. */
function tenantValues(
  { convention, tenancy, catalog }: World,
  relation: Relation,
  tenant: SyntheticTenant,
): Map<number, string> {
  const values = new Map<number, string>();
  const kind = tenancy.get(relation.oid);
  const isRegistry = convention.registries.has(relation.oid);
  for (const column of relation.columns) {
    if (kind?.kind === 'tenant' && kind.column.number === column.number)
      values.set(column.number, tenant.id);
    else if (convention.tenantColumns.includes(column.name)) values.set(column.number, tenant.id);
    else if (isRegistry && isKeyOf(catalog, relation, column)) values.set(column.number, tenant.id);
    else if (refersToUsers(catalog, relation, column) || USER_COLUMN.test(column.name)) {
      if (column.type === 'uuid' || /^(text|character)/.test(column.type))
        values.set(column.number, tenant.userId);
    }
  }
  return values;
}

function isKeyOf(catalog: Catalog, relation: Relation, column: Column): boolean {
  const primary = (catalog.constraints.get(relation.oid) ?? []).find(
    ({ kind }) => kind === 'primary',
  );
  return primary?.columns.length === 1 && primary.columns[0] === column.number;
}

/** Supabase keeps its users in `auth.users`. */
function refersToUsers(catalog: Catalog, relation: Relation, column: Column): boolean {
  if (relation.schema === 'auth' && relation.name === 'users') return column.name === 'id';
  return (catalog.constraints.get(relation.oid) ?? []).some(({ references, columns }) => {
    const target = references === null ? undefined : catalog.relations.get(references.relation);
    return columns.includes(column.number) && target?.schema === 'auth' && target.name === 'users';
  });
}

function referredValues(constraints: readonly Constraint[], plan: RowPlan): Map<number, string> {
  const values = new Map<number, string>();
  for (const { kind, columns, references } of constraints) {
    if (kind !== 'foreign' || references === null) continue;
    const parent = plan.get(references.relation);
    for (const [index, number] of columns.entries()) {
      const target = references.columns[index];
      const value = target === undefined ? undefined : parent?.values.get(target);
      if (value !== undefined && value !== null) values.set(number, value);
    }
  }
  return values;
}

/** Parents before children; in a circle of foreign keys, whichever comes first. */
export function insertionOrder(catalog: Catalog, relations: Iterable<Relation>): Relation[] {
  const wanted = new Map([...relations].map((one) => [one.oid, one]));
  const ordered: Relation[] = [];
  const seen = new Set<Oid>();
  const visit = (relation: Relation): void => {
    if (seen.has(relation.oid)) return;
    seen.add(relation.oid);
    for (const { references } of catalog.constraints.get(relation.oid) ?? []) {
      const target = references === null ? undefined : catalog.relations.get(references.relation);
      for (const oid of target === undefined ? [] : [target.oid, ...target.children]) {
        const parent = wanted.get(oid);
        if (parent !== undefined) visit(parent);
      }
    }
    ordered.push(relation);
  };
  for (const relation of wanted.values()) visit(relation);
  return ordered;
}

/** The INSERT of a row, its values as parameters. */
export function insertStatement({ relation, values }: PlannedRow): {
  text: string;
  values: (string | null)[];
} {
  const columns = relation.columns.filter(({ number }) => values.has(number));
  const names = columns.map(({ name }) => ident(name)).join(', ');
  // Cast from text: the driver would otherwise let the server guess, and it guesses per column anyway.
  const marks = columns.map(({ type }, index) => `$${index + 1}::text::${type}`).join(', ');
  const target = qualified(relation.schema, relation.name);
  return {
    text:
      columns.length === 0
        ? `insert into ${target} default values`
        : `insert into ${target} (${names}) overriding system value values (${marks})`,
    values: columns.map(({ number }) => values.get(number) ?? null),
  };
}
