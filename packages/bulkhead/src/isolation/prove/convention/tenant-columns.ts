/**
 * Which columns hold a row's tenant, and which table lists the tenants.
 *
 * A column votes for its name when a policy compares it with the context, when it references a table
 * named like a registry, or by its own name. Guesses here make a table *need* isolation: a wrong one can
 * cost an `unknown`, never a false `proven`.
 */
import type { Catalog, Column, Oid, Policy, Relation } from '../catalog/model.ts';
import { isSystemSchema } from '../system-schema.ts';
import { policyText } from './context-texts.ts';

/** Most telling first: the first of these in a table is its tenant column. */
const NAMES =
  /^_?(tenant|org|organi[sz]ation|workspace|account|company|customer|client|team|shop|store|merchant|agency|site)_?(id|uuid|key|slug)?$/i;
const REGISTRY =
  /^(app_|core_|public_)?(tenants?|orgs?|organi[sz]ations?|workspaces?|accounts?|compan(y|ies)|customers?|teams?|shops?|stores?|merchants?|agenc(y|ies))$/i;

export interface TenantColumns {
  readonly names: readonly string[];
  readonly type: string;
  readonly registries: ReadonlySet<Oid>;
  readonly memberships: ReadonlySet<Oid>;
}

export function tenantColumns(catalog: Catalog, policies: readonly Policy[]): TenantColumns {
  const votes = new Map<string, number>();
  const types = new Map<string, number>();
  const vote = (column: Column, weight: number) => {
    votes.set(column.name, (votes.get(column.name) ?? 0) + weight);
    types.set(column.type, (types.get(column.type) ?? 0) + weight);
  };
  for (const policy of policies) {
    const relation = catalog.relations.get(policy.relation);
    if (relation === undefined) continue;
    for (const column of comparedColumns(relation, policy)) vote(column, 4);
  }
  const registries = registriesOf(catalog, new Set(votes.keys()));
  for (const relation of catalog.relations.values()) {
    if (!holdsRows(relation)) continue;
    for (const column of referencing(catalog, relation, registries)) vote(column, 2);
    // Nobody says so but the name itself; a name that a policy used elsewhere already has votes.
    const named = relation.columns.find((column) => NAMES.test(column.name));
    if (named !== undefined && !registries.has(relation.oid)) vote(named, 1);
  }
  const names = [...votes]
    // `id` is a tenant's own only in the registry.
    .filter(([name]) => name !== 'id')
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name]) => name);
  const type = [...types].sort(([, x], [, y]) => y - x)[0]?.[0] ?? 'uuid';
  return { names, type, registries, memberships: membershipsOf(catalog, policies) };
}

/**
 * Columns that stand beside `=`, `IN` or `= ANY` in a policy that speaks of the context. Compared with another
 * table's column, only one of the same name counts (a membership's); `p.id = tasks.project_id` is a reference.
 */
export function comparedColumns(relation: Relation, policy: Policy): readonly Column[] {
  const known = compared.get(policy);
  if (known !== undefined) return known;
  const text = policyText(policy);
  // A generated column says what the ones that it is made of say.
  const found = relation.columns.filter(
    ({ name, generated }) =>
      generated === null && text.includes(name) && isCompared(text, relation.name, name),
  );
  compared.set(policy, found);
  return found;
}

const compared = new WeakMap<Policy, readonly Column[]>();

function isCompared(text: string, table: string, column: string): boolean {
  const name = `"?${escaped(column)}"?`;
  const cast = String.raw`(?:\)?::[\w ."]+)?\)?`;
  const left = new RegExp(`(?:^|[(\\s.])${name}${cast} (?:=|IN|IS NOT DISTINCT FROM) `, 'g');
  for (const match of text.matchAll(left)) {
    const other = OPERAND_AFTER.exec(text.slice(match.index + match[0].length))?.[1];
    if (other === undefined || other === column) return true;
  }
  const right = new RegExp(`= \\(*(?:"?${escaped(table)}"?\\.)?${name}${cast}(?:\\)|\\s|$)`, 'g');
  for (const match of text.matchAll(right)) {
    const other = OPERAND_BEFORE.exec(text.slice(Math.max(0, match.index - 200), match.index))?.[1];
    if (other === undefined || other === column) return true;
  }
  return false;
}

/** The name of a plain column that follows: neither a function's (a bracket would follow) nor a keyword. */
const OPERAND_AFTER = /^\(*(?:(?:"[^"]+"|\w+)\.)+"?([^".()\s]+)"?(?![\w(."])/;
/** The name of a plain column, cast or not, at the end of what comes before. */
const OPERAND_BEFORE = /(?:"[^"]+"|\w+)\."?([^".()\s]+)"?(?:\)?::[\w ."]+)?\)? $/;

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Tables that columns named like a tenant's reference, and that have no such column themselves. */
function registriesOf(catalog: Catalog, voted: ReadonlySet<string>): ReadonlySet<Oid> {
  const registries = new Set<Oid>();
  for (const constraints of catalog.constraints.values()) {
    for (const constraint of constraints) {
      const { references } = constraint;
      const relation = catalog.relations.get(constraint.relation);
      const target = references && catalog.relations.get(references.relation);
      if (!references || !target || !relation || constraint.columns.length !== 1) continue;
      const column = relation.columns.find(({ number }) => number === constraint.columns[0]);
      if (column === undefined || target.oid === relation.oid) continue;
      const isNamed = NAMES.test(column.name) || (voted.has(column.name) && column.name !== 'id');
      const isRegistry = REGISTRY.test(target.name) || isNamed;
      const hasTenant = target.columns.some(
        (own) => NAMES.test(own.name) && REGISTRY.test(own.name.replace(/_?(id|uuid)$/i, '')),
      );
      if (isRegistry && (isNamed || REGISTRY.test(target.name)) && !hasTenant) {
        registries.add(target.oid);
      }
    }
  }
  return registries;
}

/** Columns that alone reference a registry, whatever their name. */
export function referencing(
  catalog: Catalog,
  relation: Relation,
  registries: ReadonlySet<Oid>,
): readonly Column[] {
  const numbers = new Set(
    (catalog.constraints.get(relation.oid) ?? [])
      .filter(({ references }) => references !== null && registries.has(references.relation))
      .flatMap(({ columns }) => (columns.length === 1 ? columns : [])),
  );
  return relation.columns.filter(({ number }) => numbers.has(number));
}

/** Relations that a policy of another table asks who belongs where. */
function membershipsOf(catalog: Catalog, policies: readonly Policy[]): ReadonlySet<Oid> {
  const asked = new Set<Oid>();
  for (const policy of policies) {
    for (const oid of catalog.dependencies.get(policy.oid)?.relations ?? []) {
      if (oid === policy.relation) continue;
      if (
        catalog.relations.get(oid)?.columns.some(({ name }) => /user|member|profile/i.test(name))
      ) {
        asked.add(oid);
      }
    }
  }
  return asked;
}

export function holdsRows(relation: Relation): boolean {
  return (
    !isSystemSchema(relation.schema) &&
    (relation.kind === 'table' ||
      relation.kind === 'partitioned-table' ||
      relation.kind === 'foreign-table')
  );
}
