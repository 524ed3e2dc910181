/**
 * Default privileges that hand every future table to everyone, or with more than rows: the next migration
 * opens a hole that no review of it shows.
 */
import { PUBLIC } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import type { Rule } from '../world.ts';
import { onRole, roleName } from './finding.ts';

export const defaultPrivileges: Rule = (world) => {
  const findings: Finding[] = [];
  for (const { creator, schema, objects, acl } of world.catalog.defaultAcls) {
    if (objects !== 'tables') continue;
    const reaching = acl.filter(
      ({ grantee }) =>
        grantee === PUBLIC || (grantee !== creator && world.surface.inherited.has(grantee)),
    );
    const truncates = reaching.some(
      ({ privilege }) => privilege === 'TRUNCATE' || privilege === 'TRIGGER',
    );
    const isPublic = reaching.some(({ grantee }) => grantee === PUBLIC);
    if (!truncates && !isPublic) continue;
    const grantees = [
      ...new Set(
        reaching.map(({ grantee }) =>
          grantee === PUBLIC ? 'public' : ident(roleName(world, grantee)),
        ),
      ),
    ];
    const inSchema =
      schema === null ? '' : ` in schema ${ident(world.catalog.schemas.get(schema)?.name ?? '')}`;
    const name = roleName(world, creator);
    findings.push(
      onRole(name, {
        kind: 'default-privileges',
        severity: 'medium',
        why: `Every table that ${name} makes later${inSchema} is granted to ${grantees.join(', ')}${truncates ? ' with TRUNCATE or TRIGGER, which row-level security does not govern' : ' before anyone has put row-level security on it'}.`,
        fix: `alter default privileges for role ${ident(name)}${inSchema} revoke ${truncates && !isPublic ? 'truncate, trigger, references' : 'all'} on tables from ${grantees.join(', ')};`,
      }),
    );
  }
  return findings;
};
