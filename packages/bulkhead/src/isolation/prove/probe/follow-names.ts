/**
 * What a text of SQL may touch, directly or through what that sets off.
 *
 * Promises: too much rather than too little. A name stands for everything so named, in any schema; from a table it
 * goes on to its triggers, policies, defaults, checks, rules, partitions and cascades, from a function to all
 * that its text names. What SQL builds from pieces at run time is not seen; `safety.ts` refuses that.
 */
import type { Catalog, Oid, Relation, Routine } from '../catalog/model.ts';

export type FollowNames = (sql: string) => Reached;

export interface Reached {
  readonly relations: readonly Relation[];
  readonly routines: readonly Routine[];
  /** Everything that was followed, for what is only text. */
  readonly texts: readonly string[];
}

export function followNames(catalog: Catalog): FollowNames {
  const index = indexNames(catalog);
  return (sql) => closure(index, catalog, sql);
}

interface NameIndex {
  readonly relations: ReadonlyMap<string, readonly Relation[]>;
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
  readonly referencing: ReadonlyMap<Oid, readonly Oid[]>;
}

function indexNames(catalog: Catalog): NameIndex {
  const relations = new Map<string, Relation[]>();
  for (const relation of catalog.relations.values()) add(relations, relation.name, relation);
  const routines = new Map<string, Routine[]>();
  for (const routine of catalog.routines.values()) {
    if (routine.extension === null || /dblink|http|net|cron|file|fdw/.test(routine.extension)) {
      add(routines, routine.name, routine);
    }
  }
  const referencing = new Map<Oid, Oid[]>();
  for (const [relation, constraints] of catalog.constraints) {
    for (const { references } of constraints) {
      // Only what a foreign key does by itself reaches further than the statement.
      if (references !== null && !/^(no-action|restrict)$/.test(references.onDelete)) {
        add(referencing, references.relation, relation);
      }
    }
  }
  return { relations, routines, referencing };
}

function closure(index: NameIndex, catalog: Catalog, sql: string): Reached {
  const relations = new Set<Relation>();
  const routines = new Set<Routine>();
  const texts: string[] = [];
  const queue: (Relation | Routine)[] = [];
  const take = (text: string): void => {
    for (const name of namesIn(text)) {
      queue.push(...(index.relations.get(name) ?? []), ...(index.routines.get(name) ?? []));
    }
  };
  const follow = (text: string | null): void => {
    if (text === null) return;
    texts.push(text);
    take(text);
  };
  take(sql);
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    if ('signature' in one) {
      if (routines.has(one)) continue;
      routines.add(one);
      follow(one.sqlBody ?? one.source);
      for (const argument of one.arguments) follow(argument.default);
      continue;
    }
    if (relations.has(one)) continue;
    relations.add(one);
    follow(one.definition);
    for (const { default: preset } of one.columns) follow(preset);
    for (const policy of catalog.policies.get(one.oid) ?? []) {
      follow(policy.using);
      follow(policy.check);
    }
    for (const { kind, definition } of catalog.constraints.get(one.oid) ?? []) {
      if (kind === 'check') follow(definition);
    }
    for (const { definition } of catalog.rules.get(one.oid) ?? []) follow(definition);
    for (const { expressions, predicate } of catalog.indexes.get(one.oid) ?? []) {
      follow(expressions);
      follow(predicate);
    }
    for (const trigger of catalog.triggers.get(one.oid) ?? []) {
      const routine = catalog.routines.get(trigger.function);
      if (trigger.enabled && routine !== undefined) queue.push(routine);
    }
    for (const oid of [
      ...one.parents,
      ...one.children,
      ...(index.referencing.get(one.oid) ?? []),
    ]) {
      const other = catalog.relations.get(oid);
      if (other !== undefined) queue.push(other);
    }
  }
  return { relations: [...relations], routines: [...routines], texts };
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [word] of text.matchAll(/"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*/gu)) {
    names.add(word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase());
  }
  return names;
}

function add<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const present = map.get(key);
  if (present === undefined) map.set(key, [value]);
  else present.push(value);
}
