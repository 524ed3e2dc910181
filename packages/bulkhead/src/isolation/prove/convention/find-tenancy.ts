/**
 * Which tables hold tenants' data and how a row of each names its tenant.
 *
 * A table's own tenant column decides; without one, a foreign key to tenant data makes it that table's
 * child; without either, policies that speak of the context. Everything else is the same for everyone.
 */
import type { Catalog, Column, Oid, Relation } from '../catalog/model.ts';
import type { Convention, TenantKind } from '../world.ts';
import { ContextTexts, policyText, settingsIn } from './context-texts.ts';
import { comparedColumns, holdsRows, referencing } from './tenant-columns.ts';

export function findTenancy(
  catalog: Catalog,
  convention: Convention,
): ReadonlyMap<Oid, TenantKind> {
  const tenancy = new Map<Oid, TenantKind>();
  const relations = [...catalog.relations.values()].filter(holdsRows);
  for (const relation of relations) {
    const column = tenantColumnOf(catalog, convention, relation);
    if (convention.registries.has(relation.oid)) tenancy.set(relation.oid, { kind: 'registry' });
    else if (column !== null) tenancy.set(relation.oid, { kind: 'tenant', column });
  }
  inheritFromParents(relations, tenancy);
  followForeignKeys(catalog, relations, tenancy);
  const texts = new ContextTexts(catalog);
  for (const relation of relations) {
    if (tenancy.has(relation.oid)) continue;
    const isGuarded = (catalog.policies.get(relation.oid) ?? []).some((policy) =>
      mentionsContext(convention, texts.expand(policyText(policy))),
    );
    tenancy.set(relation.oid, { kind: isGuarded ? 'guarded' : 'shared' });
  }
  return tenancy;
}

function tenantColumnOf(
  catalog: Catalog,
  convention: Convention,
  relation: Relation,
): Column | null {
  const compared = (catalog.policies.get(relation.oid) ?? []).flatMap((policy) =>
    comparedColumns(relation, policy),
  );
  const references = referencing(catalog, relation, convention.registries);
  const rankOf = ({ name }: Column) => {
    const at = convention.tenantColumns.indexOf(name);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  };
  const named = relation.columns
    .filter((column) => rankOf(column) < Number.POSITIVE_INFINITY)
    .sort((a, b) => rankOf(a) - rankOf(b));
  // What its own policy compares decides between two candidates; then what references the registry.
  return (
    named.find((column) => compared.includes(column) && references.includes(column)) ??
    named.find((column) => references.includes(column)) ??
    named[0] ??
    null
  );
}

/** A partition or child has its parent's column under the same name. */
function inheritFromParents(relations: readonly Relation[], tenancy: Map<Oid, TenantKind>): void {
  const byOid = new Map(relations.map((relation) => [relation.oid, relation]));
  const kindOf = (relation: Relation, depth: number): TenantKind | undefined => {
    const own = tenancy.get(relation.oid);
    if (own !== undefined || depth > 8) return own;
    for (const parent of relation.parents) {
      const above = byOid.get(parent);
      const kind = above && kindOf(above, depth + 1);
      if (kind?.kind !== 'tenant') continue;
      const column = relation.columns.find(({ name }) => name === kind.column.name);
      if (column === kind.column) return kind;
      if (column !== undefined) return { kind: 'tenant', column };
    }
    return undefined;
  };
  for (const relation of relations) {
    const kind = kindOf(relation, 0);
    if (kind !== undefined) tenancy.set(relation.oid, kind);
  }
}

/** Children of tenant data, and their children, to any depth. */
function followForeignKeys(
  catalog: Catalog,
  relations: readonly Relation[],
  tenancy: Map<Oid, TenantKind>,
): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const relation of relations) {
      if (tenancy.has(relation.oid)) continue;
      for (const { references, columns } of catalog.constraints.get(relation.oid) ?? []) {
        const kind = references && tenancy.get(references.relation)?.kind;
        if (!references || (kind !== 'tenant' && kind !== 'child')) continue;
        tenancy.set(relation.oid, { kind: 'child', parent: references.relation, columns });
        changed = true;
        break;
      }
    }
  }
}

function mentionsContext(convention: Convention, text: string): boolean {
  if (convention.kind === 'signed') return text.includes('bulkhead.tenant_id');
  if (convention.kind === 'current-user') return /\b(current_user|session_user)\b/i.test(text);
  if (convention.kind === 'jwt-claims' && /\bauth\.(uid|jwt)\s*\(/.test(text)) return true;
  return settingsIn(text).some((setting) => convention.trustedSettings.includes(setting));
}
