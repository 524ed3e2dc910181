/**
 * Foreign tables, foreign servers and dblink: rows that another server hands over as whoever the user
 * mapping says, with no row-level security of ours in between.
 */
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { holdsAny } from '../surface/find-surface.ts';
import type { Rule, World } from '../world.ts';
import {
  holders,
  isTenantData,
  onOther,
  onRelation,
  onRoutine,
  readExploit,
  table,
} from './finding.ts';

export const foreignData: Rule = (world) => [
  ...foreignTables(world),
  ...servers(world),
  ...unguardedConnections(world),
];

function foreignTables(world: World): readonly Finding[] {
  const findings: Finding[] = [];
  for (const { relation, privileges, columns } of world.surface.relations.values()) {
    if (relation.kind !== 'foreign-table') continue;
    if (
      !columns.has('SELECT') &&
      !columns.has('INSERT') &&
      !columns.has('UPDATE') &&
      !privileges.has('DELETE')
    )
      continue;
    const isTenants = isTenantData(world.tenancy.get(relation.oid));
    const from = new Set(
      relation.acl.flatMap(({ privilege }) => holders(world, relation.acl, privilege)),
    );
    findings.push(
      onRelation(relation, {
        kind: 'foreign-table',
        severity: 'high',
        verdict: isTenants ? 'leak' : 'unknown',
        why: isTenants
          ? `A foreign table cannot have row-level security, and this one holds tenants' rows.`
          : 'A foreign table cannot have row-level security, and what the other server puts into it cannot be seen from here.',
        exploit: isTenants ? readExploit(world, relation) : null,
        fix:
          from.size > 0
            ? `revoke all on ${table(relation)} from ${[...from].sort().join(', ')};`
            : null,
      }),
    );
  }
  return findings;
}

/** A server that the role may use, with a mapping that logs it in. */
function servers(world: World): readonly Finding[] {
  const { catalog, surface } = world;
  const findings: Finding[] = [];
  const hasDblink = [...surface.routines].some(
    (oid) => catalog.routines.get(oid)?.name === 'dblink',
  );
  const creates = [...catalog.schemas.values()].some(
    ({ acl, owner }) => surface.inherited.has(owner) || holdsAny(acl, 'CREATE', surface.inherited),
  );
  for (const server of catalog.foreignServers.values()) {
    if (!surface.inherited.has(server.owner) && !holdsAny(server.acl, 'USAGE', surface.inherited))
      continue;
    const isMapped = catalog.userMappings.some(
      ({ server: of, user }) => of === server.oid && (user === 0 || surface.inherited.has(user)),
    );
    if (!isMapped || !(hasDblink || creates)) continue;
    const from = holders(world, server.acl, 'USAGE');
    findings.push(
      onOther(`server:${server.name}`, 'foreign-server', {
        kind: 'foreign-server-usable',
        severity: 'high',
        why: `${surface.role.name} may use the foreign server with a login kept for it, and so send it any query, past every policy here.`,
        fix:
          from.length > 0
            ? `revoke usage on foreign server ${ident(server.name)} from ${from.join(', ')};`
            : null,
      }),
    );
  }
  return findings;
}

/** `dblink_connect_u` logs in as the server's own account wherever trust or peer authentication lets it. */
function unguardedConnections(world: World): readonly Finding[] {
  return [...world.surface.routines].flatMap((oid) => {
    const routine = world.catalog.routines.get(oid);
    if (routine?.name !== 'dblink_connect_u' || routine.extension !== 'dblink') return [];
    const from = holders(world, routine.acl, 'EXECUTE');
    return onRoutine(routine, {
      kind: 'dblink-connect-u',
      severity: 'high',
      why: `${world.surface.role.name} may connect without a password as any role that the server trusts locally.`,
      fix:
        from.length > 0
          ? `revoke execute on function ${routine.signature} from ${from.join(', ')};`
          : null,
    });
  });
}
