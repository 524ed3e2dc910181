/**
 * What an unqualified name means inside a function body.
 */
import type { Relation, Routine } from '../catalog/model.ts';
import type { World } from '../world.ts';
import type { Environment } from './environment.ts';

interface Names {
  readonly relations: ReadonlyMap<string, Relation>;
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
}
const index = new WeakMap<World, Names>();

function namesIn(world: World): Names {
  const known = index.get(world);
  if (known !== undefined) return known;
  const relations = new Map<string, Relation>();
  for (const relation of world.catalog.relations.values()) {
    relations.set(`${relation.schema}.${relation.name}`, relation);
  }
  const routines = new Map<string, Routine[]>();
  for (const routine of world.catalog.routines.values()) {
    const key = `${routine.schema}.${routine.name}`;
    const same = routines.get(key);
    if (same === undefined) routines.set(key, [routine]);
    else same.push(routine);
  }
  const names = { relations, routines };
  index.set(world, names);
  return names;
}

/** Schemas of a `search_path` setting, `"$user"` and quotes resolved. */
export function pathOf(setting: string): readonly string[] {
  return setting
    .split(',')
    .map((part) => part.trim().replace(/^["']|["']$/g, ''))
    .filter((part) => part !== '' && part !== '$user');
}

export function pathFor(world: World, routine: Routine): readonly string[] {
  const own = routine.config.get('search_path');
  if (own !== undefined) return pathOf(own);
  const { roleSettings, settings } = world.catalog.server;
  const set =
    roleSettings.find((s) => s.name === 'search_path' && s.role === world.surface.role.oid) ??
    roleSettings.find((s) => s.name === 'search_path' && s.role === 0);
  return pathOf(set?.value ?? settings.get('search_path') ?? 'public').concat('public');
}

/** A relation by its whole name. */
export function relationNamed(world: World, schema: string, name: string): Relation | undefined {
  return namesIn(world).relations.get(`${schema}.${name}`);
}

export function findRelation(
  env: Environment,
  schema: string | undefined,
  name: string,
): Relation | undefined {
  const { relations } = namesIn(env.session.world);
  if (schema !== undefined) return relations.get(`${schema}.${name}`);
  for (const candidate of env.searchPath ?? ['public']) {
    const found = relations.get(`${candidate}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Routines of this name that take that many arguments. */
export function findRoutines(
  env: Environment,
  schema: string | undefined,
  name: string,
  argumentCount: number,
): readonly Routine[] {
  const { routines } = namesIn(env.session.world);
  const schemas = schema !== undefined ? [schema] : (env.searchPath ?? ['public']);
  for (const candidate of schemas) {
    const found = (routines.get(`${candidate}.${name}`) ?? []).filter((routine) => {
      const inputs = routine.arguments.filter((a) => a.mode !== 'out' && a.mode !== 'table');
      const needed = inputs.filter((a) => a.default === null && a.mode !== 'variadic').length;
      const open = inputs.some((a) => a.mode === 'variadic');
      return argumentCount >= needed && (open || argumentCount <= inputs.length);
    });
    if (found.length > 0) return found;
  }
  return [];
}
