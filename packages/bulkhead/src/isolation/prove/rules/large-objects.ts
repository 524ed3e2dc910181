/**
 * Large objects: row-level security does not reach them, so one that the role may read is every tenant's.
 *
 * Named by the tables of tenants that keep large objects' ids, where there are any.
 */
import type { Finding } from '../model.ts';
import { holdsAny } from '../surface/find-surface.ts';
import type { Rule, World } from '../world.ts';
import { isTenantData, onOther, onRelation } from './finding.ts';

export const largeObjects: Rule = (world) => {
  const { catalog, surface } = world;
  const compatible = catalog.server.settings.get('lo_compat_privileges') === 'on';
  const findings: Finding[] = [];
  for (const { oid, owner, acl, count } of catalog.largeObjects) {
    const privileges = (['SELECT', 'UPDATE'] as const).filter((one) =>
      holdsAny(acl, one, surface.inherited),
    );
    if (privileges.length === 0 && !surface.inherited.has(owner) && !compatible) continue;
    const fault = {
      kind: 'large-object',
      severity: 'high',
      why: `${surface.role.name} may read ${count === 1 ? 'a large object' : `${count} large objects`}, to which no row-level security applies: every tenant reads them all.`,
      exploit: `select pg_catalog.lo_get(${oid});`,
      fix: null,
    } as const;
    const keepers = keepersOf(world);
    findings.push(onOther(`large-object:${oid}`, 'large-object', fault));
    for (const relation of keepers) findings.push(onRelation(relation, fault));
  }
  return findings;
};

function keepersOf(world: World) {
  return [...world.surface.relations.values()]
    .map(({ relation }) => relation)
    .filter(
      ({ oid, columns }) =>
        isTenantData(world.tenancy.get(oid)) &&
        columns.some(
          ({ type, name }) =>
            type === 'oid' || /(^|\.)lo$/.test(type) || /^lo_?(id|oid)$/.test(name),
        ),
    );
}
