/**
 * Rows that tenant B could write into a table that others' policies trust: a membership in another tenant,
 * a link to another's row.
 *
 * Promises: a row is offered only if the app's role may write those columns and the table's own policies,
 * composite foreign keys and keys let such a row in. Triggers and CHECKs are not read, so it may offer one
 * too many.
 */
import type { Column, Relation } from '../catalog/model.ts';
import { colouringOf, foreignKeysOf, keysOf } from './colouring.ts';
import { type Environment, newEnvironment, type Row } from './environment.ts';
import { mayNameSomeone, thingOf } from './loose-references.ts';
import { isUnderWay, remembered } from './memory.ts';
import type { Chance } from './outcome.ts';
import { rowPasses } from './row-security.ts';
import { tableRow } from './table-rows.ts';
import type { Alternative, Colour } from './value.ts';

/** Rows of two colours that B can make in the table. */
export function plantedRows(env: Environment, relation: Relation): readonly Row[] {
  const { world } = env.session;
  const reach = world.surface.relations.get(relation.oid);
  if (reach === undefined) return [];
  const mark = `planting ${relation.oid}`;
  if (isUnderWay(env, mark)) return [];
  const insert = world.surface.can(relation.oid, 'insert');
  const update = world.surface.can(relation.oid, 'update');
  if (!insert && !update) return [];
  const colouring = [...colouringOf(world, relation)];
  // A key that stands alone is fresh in a new row; it cannot name another's.
  const own = new Set(colouring.filter(([, role]) => role === 'key').map(([name]) => name));
  const coloured = new Set(colouring.map(([name]) => name));
  const loose = new Map(
    relation.columns
      .filter((column) => !coloured.has(column.name) && mayNameSomeone(world, column))
      .map((column) => [column.name, column] as const),
  );
  const free = [...coloured, ...loose.keys()].filter(
    (name) => !own.has(name) && !isUnique(env, relation, name),
  );
  // A key that is itself a reference keeps naming B's, and makes whatever the rest of its row names B's too.
  const anchored = [...coloured, ...loose.keys()].some(
    (name) => !free.includes(name) && names(env, relation, name),
  );
  if (free.length < (anchored ? 1 : 2)) return [];
  const planter: Environment = {
    ...newEnvironment(env.session, world.surface.role.oid),
    // A statement of its own: what is under way in this one does not cut it short, but for rows it needs planted.
    within: [...env.within.filter((entered) => entered.startsWith('planting')), mark],
  };
  const kinds = remembered(planter, mark, () =>
    plantable(planter, relation, { free, loose, anchored }),
  );
  return kinds.map(({ mixed, chance }) => ({
    ...named(tableRow(planter, relation, 'B', mixed), loose, mixed),
    chance,
    planted: relation,
  }));
}

interface Plantable {
  readonly mixed: ReadonlyMap<string, Colour>;
  readonly chance: Chance;
}

/** Which of the free columns may name tenant A's things in a row of B's. */
function plantable(
  planter: Environment,
  relation: Relation,
  {
    free,
    loose,
    anchored,
  }: {
    readonly free: readonly string[];
    readonly loose: ReadonlyMap<string, Column>;
    readonly anchored: boolean;
  },
): readonly Plantable[] {
  const shapes = new Map<string, ReadonlyMap<string, Colour>>();
  for (const name of free) {
    const one: ReadonlyMap<string, Colour> = new Map([[name, 'A']]);
    shapes.set([...one.keys()].sort().join(), one);
    const others = new Map(
      free.filter((other) => other !== name).map((other) => [other, 'A'] as const),
    );
    shapes.set([...others.keys()].sort().join(), others);
  }
  const found: Plantable[] = [];
  for (const mixed of shapes.values()) {
    if (mixed.size === 0) continue;
    if (!anchored && free.every((name) => mixed.get(name) === 'A')) continue;
    if (!respectsKeys(planter, relation, mixed)) continue;
    const row = named(tableRow(planter, relation, 'B', mixed), loose, mixed);
    const byInsert = writable(planter, relation, 'INSERT', mixed)
      ? rowPasses(planter, relation, row, 'insert', 'check').t
      : 0;
    const byUpdate = writable(planter, relation, 'UPDATE', mixed)
      ? rowPasses(planter, relation, row, 'update', 'check').t
      : 0;
    const chance = byInsert > byUpdate ? byInsert : byUpdate;
    if (chance > 0) found.push({ mixed, chance });
  }
  return found;
}

/** The row with what its references name put in, as its writer guessed them. */
function named(
  row: Row,
  loose: ReadonlyMap<string, Column>,
  mixed: ReadonlyMap<string, Colour>,
): Row {
  const columns = new Map(row.columns);
  for (const [name, colour] of mixed) {
    const column = loose.get(name);
    const value = column === undefined ? (columns.get(name) ?? []) : thingOf(colour, column);
    columns.set(name, value.map(guessed));
  }
  return { ...row, columns };
}

const guessed = (one: Alternative): Alternative =>
  one.value.kind === 'coloured' ? { ...one, value: { ...one.value, guessed: true } } : one;

/** Does the column reference something, or look as if it did? */
function names(env: Environment, relation: Relation, name: string): boolean {
  const { world } = env.session;
  const column = relation.columns.find((c) => c.name === name);
  if (column === undefined) return false;
  if (colouringOf(world, relation).get(name) !== 'key') return mayNameSomeone(world, column);
  return foreignKeysOf(world.catalog, relation.oid).some(
    (key) => key.columns.length === 1 && key.columns[0] === column.number,
  );
}

function isUnique(env: Environment, relation: Relation, name: string): boolean {
  const number = relation.columns.find((c) => c.name === name)?.number;
  return keysOf(env.session.world.catalog, relation.oid).some(
    (key) => key.columns.length === 1 && key.columns[0] === number,
  );
}

function writable(
  env: Environment,
  relation: Relation,
  privilege: 'INSERT' | 'UPDATE',
  mixed: ReadonlyMap<string, Colour>,
): boolean {
  const granted = env.session.world.surface.relations.get(relation.oid)?.columns.get(privilege);
  if (granted === undefined) return false;
  return relation.columns.every(
    (column) =>
      !mixed.has(column.name) || (granted.has(column.number) && column.generated === null),
  );
}

/** A composite foreign key to a tenant's rows holds only if all its columns are of one tenant. */
function respectsKeys(
  env: Environment,
  relation: Relation,
  mixed: ReadonlyMap<string, Colour>,
): boolean {
  const colouring = colouringOf(env.session.world, relation);
  for (const key of foreignKeysOf(env.session.world.catalog, relation.oid)) {
    const colours = new Set<Colour>();
    for (const number of key.columns) {
      const name = relation.columns.find((c) => c.number === number)?.name;
      if (name !== undefined && colouring.has(name)) colours.add(mixed.get(name) ?? 'B');
    }
    if (colours.size > 1) return false;
  }
  return true;
}
