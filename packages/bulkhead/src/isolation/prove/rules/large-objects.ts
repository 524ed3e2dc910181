/**
 * Large objects: row-level security does not reach them, so one that the role may read is every tenant's.
 *
 * Named by the tables of tenants that keep large objects' ids, where there are any.
 */
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { holdsAny } from '../surface/find-surface.ts';
import type { Rule, World } from '../world.ts';
import { isTenantData, onOther, onRelation, onRole } from './finding.ts';

export const largeObjects: Rule = (world) => {
  const { catalog, surface } = world;
  const compatible = isCompatible(world);
  const findings: Finding[] = compatible ? [unchecked(world)] : [];
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
    if (keepers.length === 0) {
      findings.push(onOther(`large-object:${oid}`, 'large-object', fault));
    }
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

function unchecked({ catalog, surface }: World): Finding {
  const { name, oid } = surface.role;
  const isOwn = catalog.server.roleSettings.some(
    (one) => one.name === 'lo_compat_privileges' && one.role === oid,
  );
  const [any] = catalog.largeObjects;
  return onRole(name, {
    kind: 'large-object-compat',
    severity: 'high',
    why: `lo_compat_privileges is on for ${name}: it may read and write every large object, whoever owns it.`,
    exploit: any === undefined ? null : `select pg_catalog.lo_get(${any.oid});`,
    fix: `alter role ${ident(name)} ${isOwn ? 'reset lo_compat_privileges' : 'set lo_compat_privileges = off'};`,
  });
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
