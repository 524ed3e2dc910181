/**
 * Which functions the policies ask, directly or through other functions and operators.
 */
import type { Oid, Relation, Routine } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { expressionOf, namesOf, statementsOf, walk } from './tree.ts';

const cache = new WeakMap<World, ReadonlyMap<Oid, ReadonlySet<Relation>>>();

/** Each function asked, with the tables whose policies ask it. */
export function routinesInPolicies(world: World): ReadonlyMap<Oid, ReadonlySet<Relation>> {
  const known = cache.get(world);
  if (known !== undefined) return known;
  const byName = new Map<string, Routine[]>();
  for (const routine of world.catalog.routines.values()) {
    for (const name of [routine.name, `${routine.schema}.${routine.name}`]) {
      const same = byName.get(name);
      if (same === undefined) byName.set(name, [routine]);
      else same.push(routine);
    }
  }
  const asked = new Map<Oid, Set<Relation>>();
  const ask = (tree: unknown, relation: Relation, depth: number): void => {
    walk(tree, (tag, body) => {
      if (tag !== 'FuncCall') return undefined;
      for (const routine of byName.get(namesOf(body.funcname).join('.')) ?? []) {
        const tables = asked.get(routine.oid) ?? new Set();
        if (tables.has(relation)) continue;
        tables.add(relation);
        asked.set(routine.oid, tables);
        if (depth < 6 && routine.language === 'sql' && routine.sqlBody === null) {
          for (const statement of statementsOf(routine.source) ?? [])
            ask(statement, relation, depth + 1);
        }
      }
      return undefined;
    });
  };
  for (const { relation, rlsApplies } of world.surface.relations.values()) {
    if (!rlsApplies) continue;
    for (const policy of world.catalog.policies.get(relation.oid) ?? []) {
      for (const text of [policy.using, policy.check]) {
        if (text?.includes('(')) ask(expressionOf(text), relation, 0);
      }
    }
  }
  cache.set(world, asked);
  return asked;
}
