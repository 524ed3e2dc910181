/**
 * PostgreSQL's own tables and functions that somebody opened to the role: statistics hold samples of every
 * tenant's rows, file functions read the tables' files, some parameters switch checks off.
 */
import type { Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { holdsAny } from '../surface/find-surface.ts';
import { isSystemSchema } from '../system-schema.ts';
import type { Rule, World } from '../world.ts';
import { holders, onRelation, onRole, onRoutine, table } from './finding.ts';

const RELATIONS: ReadonlyMap<string, string> = new Map([
  ['pg_statistic', "samples of every tenant's values"],
  ['pg_statistic_ext_data', "samples of every tenant's values"],
  ['pg_authid', "the roles' password hashes"],
  ['pg_shadow', "the roles' password hashes"],
  ['pg_user_mapping', 'passwords of foreign servers'],
  ['pg_largeobject', 'the content of every large object'],
  ['pg_subscription', 'passwords of replication'],
]);

const ROUTINES =
  /^(pg_read_file|pg_read_binary_file|pg_ls_dir|pg_stat_file|lo_import|lo_export|pg_logical_slot_(get|peek)(_binary)?_changes|pg_create_(logical|physical)_replication_slot|pg_ls_logdir|pg_promote|pg_rotate_logfile_old|pg_file_.*)$/;

/** `SET` on these from a role that must not have it. */
const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ['session_replication_role', 'switches off every trigger and foreign key'],
  ['session_preload_libraries', 'loads code into the server'],
  ['shared_preload_libraries', 'loads code into the server'],
  ['dynamic_library_path', 'loads code into the server'],
  ['allow_system_table_mods', 'opens the catalog to changes'],
  ['lo_compat_privileges', 'lifts every privilege on large objects'],
]);

export const systemAccess: Rule = (world) => [
  ...relations(world),
  ...viewsOver(world),
  ...definersOver(world),
  ...routines(world),
  ...parameters(world),
];

function relations(world: World): readonly Finding[] {
  return [...world.surface.relations.values()].flatMap(({ relation, columns }) => {
    const holds = RELATIONS.get(relation.name);
    if (relation.schema !== 'pg_catalog' || holds === undefined) return [];
    if (!columns.has('SELECT')) return [];
    const from = new Set([
      ...holders(world, relation.acl, 'SELECT'),
      ...relation.columns.flatMap(({ acl }) => holders(world, acl, 'SELECT')),
    ]);
    return onRelation(relation, {
      kind: 'system-catalog-readable',
      severity: 'high',
      why: `${world.surface.role.name} may read ${relation.name}, which holds ${holds}.`,
      exploit: `select * from ${table(relation)};`,
      fix:
        from.size > 0
          ? `revoke select on ${table(relation)} from ${[...from].sort().join(', ')};`
          : null,
    });
  });
}

/** What the owner may read of them, everyone who may read the view reads too. */
function viewsOver(world: World): readonly Finding[] {
  return [...world.surface.relations.values()].flatMap(({ relation, columns }) => {
    if (relation.definition === null || isSystemSchema(relation.schema)) return [];
    if (!columns.has('SELECT') || relation.extension !== null || isInvoker(relation)) return [];
    const named = namedIn(relation.definition);
    if (named === null) return [];
    const from = new Set([
      ...holders(world, relation.acl, 'SELECT'),
      ...relation.columns.flatMap(({ acl }) => holders(world, acl, 'SELECT')),
    ]);
    return onRelation(relation, {
      kind: 'system-catalog-through-view',
      severity: 'medium',
      why: `The view reads ${named} with its owner's rights, which holds ${RELATIONS.get(named)}.`,
      exploit: `select * from ${table(relation)};`,
      fix:
        from.size > 0
          ? `revoke select on ${table(relation)} from ${[...from].sort().join(', ')};`
          : null,
    });
  });
}

function definersOver(world: World): readonly Finding[] {
  return [...world.surface.routines].flatMap((oid) => {
    const routine = world.catalog.routines.get(oid);
    if (routine === undefined || !routine.securityDefiner || routine.extension !== null) return [];
    const named = namedIn(routine.sqlBody ?? routine.source);
    if (named === null || /^(event_)?trigger$/.test(routine.returns)) return [];
    const from = holders(world, routine.acl, 'EXECUTE');
    return onRoutine(routine, {
      kind: 'system-catalog-through-function',
      severity: 'medium',
      why: `The function reads ${named} with its owner's rights, which holds ${RELATIONS.get(named)}.`,
      fix:
        from.length > 0
          ? `revoke execute on function ${routine.signature} from ${from.join(', ')};`
          : null,
    });
  });
}

function namedIn(text: string): string | null {
  for (const [name] of RELATIONS) if (new RegExp(`\\b${name}\\b`, 'i').test(text)) return name;
  return null;
}

function isInvoker({ kind, options }: Relation): boolean {
  return kind === 'view' && /^(true|on|yes|1)$/.test(options.get('security_invoker') ?? '');
}

function routines(world: World): readonly Finding[] {
  return [...world.surface.routines].flatMap((oid) => {
    const routine = world.catalog.routines.get(oid);
    if (routine?.schema !== 'pg_catalog' || !ROUTINES.test(routine.name)) return [];
    const from = holders(world, routine.acl, 'EXECUTE');
    return onRoutine(routine, {
      kind: 'system-function-executable',
      severity: 'critical',
      why: `${world.surface.role.name} may call ${routine.name}, which reaches past privileges and row-level security.`,
      fix:
        from.length > 0
          ? `revoke execute on function ${routine.signature} from ${from.join(', ')};`
          : null,
    });
  });
}

function parameters(world: World): readonly Finding[] {
  const { surface, catalog } = world;
  return catalog.parameterAcls.flatMap(({ name, acl }) => {
    const does = PARAMETERS.get(name);
    const isSystem = holdsAny(acl, 'ALTER SYSTEM', surface.inherited);
    if (!isSystem && (does === undefined || !holdsAny(acl, 'SET', surface.inherited))) return [];
    const from = [
      ...new Set([...holders(world, acl, 'SET'), ...holders(world, acl, 'ALTER SYSTEM')]),
    ];
    return onRole(surface.role.name, {
      kind: 'parameter-privilege',
      severity: 'high',
      why: `${surface.role.name} may set ${name}${does === undefined ? ' for the whole server' : `, which ${does}`}.`,
      fix:
        from.length > 0 ? `revoke all on parameter ${ident(name)} from ${from.join(', ')};` : null,
    });
  });
}
