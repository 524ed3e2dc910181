/**
 * Names in a function body that the caller can make mean something else: a temporary table in front of the
 * real one, an operator or function in a schema where the role may create.
 *
 * Promises: as the server looks names up. `pg_temp` is searched first for tables unless the path says where,
 * never for functions and operators; `pg_catalog` is searched first unless the path says where.
 */
import type { Oid, Routine } from '../catalog/model.ts';
import { PUBLIC } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { bodyOf } from './plpgsql-parser.ts';
import { pathOf } from './search-path.ts';
import {
  expressionOf,
  isTree,
  list,
  namesOf,
  statementsOf,
  type Tree,
  textOf,
  walk,
} from './tree.ts';

export interface Shadow {
  readonly name: string;
  readonly how: 'temporary-table' | 'writable-schema';
  readonly schema: string | null;
}

/** The first name that the app's role can take over; null when none. */
export function shadowOf(world: World, routine: Routine): Shadow | null {
  if (routine.sqlBody !== null || (routine.language !== 'sql' && routine.language !== 'plpgsql'))
    return null;
  const names = unqualifiedNames(routine);
  const setting = routine.config.get('search_path');
  const path = setting === undefined ? null : pathOf(setting);
  const writable = writableSchemas(world);
  for (const name of names.relations) {
    const found = relationShadow(world, name, path, writable);
    if (found !== null) return found;
  }
  if (!names.calls) return null;
  // Functions and operators: only a schema in front of pg_catalog, or one that a called function comes from behind.
  if (path === null) {
    const [schema] = writable;
    return schema === undefined
      ? null
      : { name: 'an operator or function', how: 'writable-schema', schema };
  }
  const own = names.functions.find((name) => isUsers(world, name));
  const limit =
    own === undefined
      ? path.indexOf('pg_catalog')
      : path.findIndex((schema) => has(world, schema, own));
  const before = path.slice(0, limit < 0 ? (own === undefined ? 0 : path.length) : limit);
  const schema = before.find((candidate) => writable.has(candidate));
  return schema === undefined
    ? null
    : { name: own ?? 'an operator', how: 'writable-schema', schema };
}

function relationShadow(
  world: World,
  name: string,
  path: readonly string[] | null,
  writable: ReadonlySet<string>,
): Shadow | null {
  const home =
    path?.findIndex((schema) =>
      [...world.catalog.relations.values()].some((r) => r.schema === schema && r.name === name),
    ) ?? -1;
  const temp = path?.indexOf('pg_temp') ?? -1;
  if (mayTemp(world) && (path === null || temp < 0 || (home >= 0 && temp < home))) {
    return { name, how: 'temporary-table', schema: null };
  }
  const before = path === null ? [...writable] : path.slice(0, home < 0 ? path.length : home);
  const schema = before.find((candidate) => writable.has(candidate));
  return schema === undefined ? null : { name, how: 'writable-schema', schema };
}

const has = (world: World, schema: string, name: string): boolean =>
  [...world.catalog.routines.values()].some((r) => r.schema === schema && r.name === name);
const isUsers = (world: World, name: string): boolean =>
  [...world.catalog.routines.values()].some((r) => r.name === name && r.schema !== 'pg_catalog');

export function mayTemp(world: World): boolean {
  return (
    granted(world, world.catalog.server.databaseAcl, 'TEMPORARY') ||
    world.surface.inherited.has(world.catalog.server.databaseOwner)
  );
}

function writableSchemas(world: World): ReadonlySet<string> {
  const found = new Set<string>();
  for (const schema of world.catalog.schemas.values()) {
    const own = world.surface.inherited.has(schema.owner);
    if (own || granted(world, schema.acl, 'CREATE')) found.add(schema.name);
  }
  return found;
}

function granted(
  world: World,
  acl: readonly { readonly grantee: Oid; readonly privilege: string }[],
  privilege: string,
): boolean {
  return acl.some(
    (item) =>
      item.privilege === privilege &&
      (item.grantee === PUBLIC || world.surface.inherited.has(item.grantee)),
  );
}

interface Names {
  readonly relations: readonly string[];
  readonly functions: readonly string[];
  /** Whether any unqualified function or operator is used. */
  readonly calls: boolean;
}

function unqualifiedNames(routine: Routine): Names {
  const relations = new Set<string>();
  const functions = new Set<string>();
  const ctes = new Set<string>();
  let calls = false;
  const look = (tag: string, body: Tree): undefined => {
    if (tag === 'CommonTableExpr') ctes.add(textOf(body.ctename) ?? '');
    if (tag === 'RangeVar' && body.schemaname === undefined)
      relations.add(textOf(body.relname) ?? '');
    if (tag === 'InsertStmt' || tag === 'UpdateStmt' || tag === 'DeleteStmt') {
      const target = body.relation;
      if (isTree(target) && target.schemaname === undefined && target.relname !== undefined)
        relations.add(textOf(target.relname) ?? '');
    }
    if (tag === 'FuncCall' && list(body.funcname).length === 1) {
      calls = true;
      functions.add(namesOf(body.funcname)[0] ?? '');
    }
    if (tag === 'A_Expr' && list(body.name).length === 1) calls = true;
    return undefined;
  };
  for (const tree of treesOf(routine)) walk(tree, look);
  const trigger =
    routine.returns === 'trigger'
      ? ['new', 'old', 'new_table', 'old_table', 'inserted', 'deleted']
      : [];
  return {
    relations: [...relations].filter(
      (name) =>
        name !== '' && !ctes.has(name) && !trigger.includes(name) && !name.startsWith('pg_'),
    ),
    functions: [...functions],
    calls,
  };
}

function treesOf(routine: Routine): readonly unknown[] {
  if (routine.language === 'sql') return statementsOf(routine.source) ?? [];
  const trees: unknown[] = [];
  walk(bodyOf(routine), (tag, body) => {
    if (tag === 'PLpgSQL_expr') {
      const text = (textOf(body.query) ?? '').replace(/^\s*[\w."]+(\[[^\]]*\])?\s*:=\s*/, '');
      trees.push(...(statementsOf(text) ?? [expressionOf(text)]));
    }
    return undefined;
  });
  return trees;
}
