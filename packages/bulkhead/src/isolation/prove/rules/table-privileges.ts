/**
 * Privileges that row-level security does not govern: TRUNCATE, TRIGGER, REFERENCES.
 *
 * MAINTAIN is not among them: what it allows (VACUUM, REINDEX, REFRESH, LOCK) shows and changes no row.
 */
import type { Privilege, Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { holdsAny } from '../surface/find-surface.ts';
import type { Reach, Rule, World } from '../world.ts';
import { type Fault, holders, onRelation, table } from './finding.ts';

export const tablePrivileges: Rule = (world) => {
  const findings: Finding[] = [];
  const builds = canBuild(world);
  for (const reach of world.surface.relations.values()) {
    const { relation, privileges, owned } = reach;
    const kind = world.tenancy.get(relation.oid)?.kind;
    // An owner has all of these anyway; that is the ownership's finding.
    if (kind === undefined || owned || relation.kind === 'foreign-table') continue;
    if (privileges.has('TRUNCATE')) findings.push(onRelation(relation, truncate(world, reach)));
    if (kind === 'shared') continue;
    if (privileges.has('TRIGGER') && builds.functions) {
      findings.push(onRelation(relation, trigger(world, relation)));
    }
    if (builds.tables && (privileges.has('REFERENCES') || reach.columns.has('REFERENCES'))) {
      findings.push(onRelation(relation, references(world, relation)));
    }
  }
  return findings;
};

function truncate(world: World, { relation }: Reach): Fault {
  return {
    kind: 'truncate-privilege',
    severity: 'high',
    why: `${world.surface.role.name} may TRUNCATE the table, which row-level security does not govern: every tenant's rows go at once.`,
    exploit: `truncate ${table(relation)};`,
    fix: revoke(world, relation, ['TRUNCATE']),
  };
}

function trigger(world: World, relation: Relation): Fault {
  return {
    kind: 'trigger-privilege',
    severity: 'high',
    why: `${world.surface.role.name} may put a trigger on the table, whose function then runs in every other tenant's statements.`,
    fix: revoke(world, relation, ['TRIGGER']),
  };
}

function references(world: World, relation: Relation): Fault {
  return {
    kind: 'references-privilege',
    severity: 'medium',
    why: `${world.surface.role.name} may make a table whose foreign key points here; its check ignores row-level security and tells which keys exist.`,
    fix: revoke(world, relation, ['REFERENCES']),
  };
}

function revoke(world: World, relation: Relation, privileges: readonly Privilege[]): string | null {
  const from = new Set(
    privileges.flatMap((privilege) => [
      ...holders(world, relation.acl, privilege),
      ...relation.columns.flatMap(({ acl }) => holders(world, acl, privilege)),
    ]),
  );
  return from.size === 0
    ? null
    : `revoke ${privileges.join(', ').toLowerCase()} on ${table(relation)} from ${[...from].sort().join(', ')};`;
}

/** Where the role could put a function or a table of its own. */
function canBuild(world: World): { functions: boolean; tables: boolean } {
  const { catalog, surface } = world;
  const creates = [...catalog.schemas.values()].some(
    ({ acl, owner }) => surface.inherited.has(owner) || holdsAny(acl, 'CREATE', surface.inherited),
  );
  const temporary = holdsAny(catalog.server.databaseAcl, 'TEMPORARY', surface.inherited);
  const existing = [...surface.routines].some(
    (oid) => catalog.routines.get(oid)?.returns === 'trigger',
  );
  return { functions: creates || temporary || existing, tables: creates };
}
