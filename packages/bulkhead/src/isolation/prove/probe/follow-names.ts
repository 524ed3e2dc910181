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
  readonly mayWrite: boolean;
}

export function followNames(catalog: Catalog): FollowNames {
  const index = indexNames(catalog);
  const known = new Map<string, Reached>();
  return (sql) => {
    const before = known.get(sql);
    if (before !== undefined) return before;
    const reached = closure(index, catalog, sql);
    known.set(sql, reached);
    return reached;
  };
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
  const drain = (): void => {
    for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
      if ('signature' in one) {
        if (routines.has(one)) continue;
        routines.add(one);
        follow(one.sqlBody ?? one.source);
        for (const argument of one.arguments) follow(argument.default);
      } else if (!relations.has(one)) {
        relations.add(one);
        followRead(catalog, one, follow, queue);
      }
    }
  };
  take(sql);
  drain();
  // Reading fires no trigger and takes no default; with one write in it, everything may be written.
  const seen = new Set<Relation>();
  while (seen.size < relations.size && [sql, ...texts].some((text) => WRITES.test(text))) {
    for (const relation of relations) {
      if (seen.has(relation)) continue;
      seen.add(relation);
      followWrite(catalog, index, relation, follow, queue);
    }
    drain();
  }
  return { relations: [...relations], routines: [...routines], texts, mayWrite: seen.size > 0 };
}

const WRITES = /\b(insert|update|delete|merge|truncate|copy|call|refresh|execute)\b/i;

function followRead(
  catalog: Catalog,
  relation: Relation,
  follow: (text: string | null) => void,
  queue: (Relation | Routine)[],
): void {
  follow(relation.definition);
  for (const policy of catalog.policies.get(relation.oid) ?? []) {
    follow(policy.using);
    follow(policy.check);
  }
  for (const { generated, default: expression } of relation.columns) {
    if (generated === 'virtual') follow(expression);
  }
  queueRelations(catalog, [...relation.parents, ...relation.children], queue);
}

function followWrite(
  catalog: Catalog,
  index: NameIndex,
  relation: Relation,
  follow: (text: string | null) => void,
  queue: (Relation | Routine)[],
): void {
  for (const { default: preset, identity } of relation.columns) {
    follow(identity === null ? preset : 'nextval(identity)');
  }
  for (const { kind, definition } of catalog.constraints.get(relation.oid) ?? []) {
    if (kind === 'check') follow(definition);
  }
  for (const { definition } of catalog.rules.get(relation.oid) ?? []) follow(definition);
  for (const { expressions, predicate } of catalog.indexes.get(relation.oid) ?? []) {
    follow(expressions);
    follow(predicate);
  }
  for (const trigger of catalog.triggers.get(relation.oid) ?? []) {
    const routine = catalog.routines.get(trigger.function);
    if (trigger.enabled && routine !== undefined) queue.push(routine);
  }
  queueRelations(catalog, index.referencing.get(relation.oid) ?? [], queue);
}

function queueRelations(
  catalog: Catalog,
  oids: readonly Oid[],
  queue: (Relation | Routine)[],
): void {
  for (const oid of oids) {
    const relation = catalog.relations.get(oid);
    if (relation !== undefined) queue.push(relation);
  }
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
