/**
 * What the role, or a role it may become, is: superuser, BYPASSRLS, replicator, creator of roles, member of
 * the predefined roles that reach past privileges. Named `role:NAME`, since the tables are not at fault.
 */
import type { Oid, Role } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { hasPredefined } from '../surface/find-surface.ts';
import type { Rule, World } from '../world.ts';
import { type Fault, isTenantData, onRole, readExploit } from './finding.ts';

/** From here on CREATEROLE reaches only roles that were granted WITH ADMIN OPTION. */
const CREATEROLE_IS_TAMED = 160000;

export const roleAttributes: Rule = (world) => {
  const { role } = world.surface;
  const findings = powers(world, role).map((fault) => onRole(role.name, fault));
  if (role.superuser) return findings;
  // Attributes are not inherited: only becoming the role gives them.
  for (const oid of world.surface.settable) {
    const other = oid === role.oid ? undefined : world.catalog.roles.get(oid);
    if (other === undefined) continue;
    const [worst] = powers(world, other);
    if (worst === undefined) continue;
    findings.push(...becoming(world, other, worst));
  }
  findings.push(...predefined(world), ...otherTenants(world));
  return findings;
};

function others(world: World): ReadonlySet<Oid> {
  const found = new Set([...world.surface.settable, ...world.surface.inherited]);
  found.delete(world.surface.role.oid);
  return found;
}

/** What is wrong with a role whoever holds it. */
function powers(world: World, role: Role): readonly Fault[] {
  const name = ident(role.name);
  if (role.superuser) {
    return [
      {
        kind: 'role-superuser',
        severity: 'critical',
        why: `${role.name} is a superuser: neither privileges nor row-level security apply to it.`,
        exploit: anyRow(world) ?? 'select count(*) from pg_catalog.pg_authid;',
        fix: `alter role ${name} nosuperuser nobypassrls;`,
      },
    ];
  }
  const faults: Fault[] = [];
  if (role.bypassRls) {
    faults.push({
      kind: 'role-bypassrls',
      severity: 'critical',
      why: `${role.name} has BYPASSRLS: no policy of any table applies to it.`,
      exploit: anyRow(world),
      fix: `alter role ${name} nobypassrls;`,
    });
  }
  if (role.replication) {
    faults.push({
      kind: 'role-replication',
      severity: 'critical',
      why: `${role.name} has REPLICATION: it may stream every change of every tenant, and copy the whole cluster.`,
      fix: `alter role ${name} noreplication;`,
    });
  }
  if (role.createRole && world.catalog.server.versionNumber < CREATEROLE_IS_TAMED) {
    faults.push({
      kind: 'role-createrole',
      severity: 'high',
      why: `${role.name} has CREATEROLE, which before PostgreSQL 16 lets it grant itself every role that is not a superuser.`,
      fix: `alter role ${name} nocreaterole;`,
    });
  }
  return faults;
}

/** A row of tenant A from some table that the role may read. */
function anyRow(world: World): string | null {
  for (const { relation, columns } of world.surface.relations.values()) {
    if (relation.kind === 'foreign-table' || !columns.has('SELECT')) continue;
    if (world.tenancy.get(relation.oid)?.kind === 'tenant') return readExploit(world, relation);
  }
  return null;
}

/** Both ends are named: the role that may become too much, and what it may become. */
function becoming(world: World, other: Role, worst: Fault): readonly Finding[] {
  const { role } = world.surface;
  const fault: Fault = {
    kind: `member-of-${worst.kind.slice('role-'.length)}`,
    severity: worst.severity,
    why: `${role.name} is a member of ${other.name} and may become it. ${worst.why}`,
    exploit: [`set role ${ident(other.name)};`, anyRow(world)].filter(Boolean).join('\n'),
    fix: `revoke ${ident(other.name)} from ${ident(role.name)};`,
  };
  return [onRole(role.name, fault), onRole(other.name, fault)];
}

/**
 * Where the database role is the tenant, becoming another tenant's is the leak. A group that only hands its
 * members their privileges is none: they were granted nothing themselves.
 */
function otherTenants(world: World): readonly Finding[] {
  if (world.convention.kind !== 'current-user') return [];
  const { role } = world.surface;
  return [...others(world)].flatMap((oid) => {
    const other = world.catalog.roles.get(oid);
    if (other === undefined || other.superuser || !isTenantRole(world, other)) return [];
    const fault: Fault = {
      kind: 'member-of-tenant-role',
      severity: 'high',
      why: `Policies here go by the database role, and ${role.name} may become ${other.name}.`,
      exploit: `set role ${ident(other.name)};`,
      fix: `revoke ${ident(other.name)} from ${ident(role.name)};`,
    };
    return [onRole(role.name, fault), onRole(other.name, fault)];
  });
}

function isTenantRole({ surface, tenancy }: World, other: Role): boolean {
  if (other.canLogin) return true;
  return [...surface.relations.values()].some(({ relation: { oid, acl } }) => {
    const holds = (role: Oid) => acl.some(({ grantee }) => grantee === role);
    return isTenantData(tenancy.get(oid)) && holds(other.oid) && holds(surface.role.oid);
  });
}

const PREDEFINED: readonly (readonly [string, Fault['severity'], string])[] = [
  ['pg_read_server_files', 'critical', "reads the server's files, the tables' among them"],
  ['pg_write_server_files', 'critical', "writes the server's files"],
  ['pg_execute_server_program', 'critical', "runs programs as the server's account"],
  [
    'pg_read_all_data',
    'high',
    'reads every table that has no row-level security, granted or not, and the statistics that hold samples of all others',
  ],
  [
    'pg_write_all_data',
    'high',
    'writes every table that has no row-level security, granted or not',
  ],
];

function predefined(world: World): readonly Finding[] {
  const { role, inherited, settable } = world.surface;
  const reached = new Set([...inherited, ...settable]);
  const findings: Finding[] = [];
  for (const [name, severity, does] of PREDEFINED) {
    if (!hasPredefined(world.catalog, reached, name)) continue;
    findings.push(
      onRole(role.name, {
        kind: `member-of-${name.replaceAll('_', '-')}`,
        severity,
        why: `${role.name} is a member of ${name}, which ${does}.`,
        exploit:
          name === 'pg_read_all_data' ? 'select count(*) from pg_catalog.pg_statistic;' : null,
        fix: `revoke ${name} from ${ident(role.name)};`,
      }),
    );
  }
  return findings;
}
