/**
 * A tenant set for the role or the database: a session that never said whose it is sees that tenant's rows.
 */
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import type { Rule } from '../world.ts';
import { onRole } from './finding.ts';

export const defaultTenant: Rule = ({ catalog, convention, surface }) => {
  const findings: Finding[] = [];
  for (const { role, name, value } of catalog.server.roleSettings) {
    if (role !== 0 && role !== surface.role.oid) continue;
    if (value === '' || !convention.trustedSettings.includes(name.toLowerCase())) continue;
    const whose = role === 0 ? 'the database' : surface.role.name;
    const altered =
      role === 0
        ? `database ${ident(catalog.server.database)}`
        : `role ${ident(surface.role.name)}`;
    findings.push(
      onRole(surface.role.name, {
        kind: 'default-tenant',
        severity: 'high',
        why: `${name} is set for ${whose}, so a session that was given no tenant works as that one.`,
        fix: `alter ${altered} reset ${name};`,
      }),
    );
  }
  return findings;
};
