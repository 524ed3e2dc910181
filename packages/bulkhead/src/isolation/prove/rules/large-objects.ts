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
  const compatible = isCompatible(world);
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

/** Set for the server, or for the role's sessions: then nobody's large objects are anybody's alone. */
function isCompatible({ catalog, surface }: World): boolean {
  const { settings, roleSettings } = catalog.server;
  return (
    settings.get('lo_compat_privileges') === 'on' ||
    roleSettings.some(
      ({ role, name, value }) =>
        name === 'lo_compat_privileges' &&
        (role === 0 || role === surface.role.oid) &&
        /^(on|true|yes|1)$/i.test(value),
    )
  );
}

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
