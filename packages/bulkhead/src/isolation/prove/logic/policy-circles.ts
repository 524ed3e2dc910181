/**
 * Policies that lead back to a table they started from, through the tables that their sub-selects read.
 *
 * PostgreSQL puts all these policies into the query before it looks at any row, and refuses it ("infinite
 * recursion detected in policy"), whatever the rows are and whatever stands beside the sub-select. So nothing of
 * such a table is shown or written.
 *
 * Promises: says so only of circles that PostgreSQL itself sees: through sub-selects and views, not through
 * functions, which are queries of their own; and only where row-level security binds the role on the way.
 */
import type { Command, Oid, Policy, Relation } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { isInvoker } from './from-clause.ts';
import { isBoundByRowSecurity, policiesFor } from './role-rights.ts';
import type { Side } from './row-security.ts';
import { relationNamed } from './search-path.ts';
import { expressionOf, statementsOf, textOf, walk } from './tree.ts';

/** A table that one role reads. */
interface Reading {
  readonly relation: Relation;
  readonly role: Oid;
}

const answers = new WeakMap<World, Map<string, 'under way' | boolean>>();

/** Is the statement refused, whatever it reads or writes in the table? */
export function leadsInCircles(
  world: World,
  role: Oid,
  relation: Relation,
  command: Command,
  side: Side,
): boolean {
  if (command === 'select') return circles(world, { relation, role });
  const key = `${relation.oid} ${role} ${command} ${side}`;
  const known = answersFor(world).get(key);
  if (typeof known === 'boolean') return known;
  let isRefused = false;
  const reached = new Map<string, Reading>();
  const reach = (readings: readonly Reading[]): void => {
    for (const reading of readings) {
      if (reached.has(keyOf(reading))) continue;
      reached.set(keyOf(reading), reading);
      const next = readFor(world, reading);
      // Back at the table that is written, with more to read for it.
      const isBack = reading.relation.oid === relation.oid && next.length > 0;
      isRefused ||= isBack || circles(world, reading);
      reach(next);
    }
  };
  reach(readIn(world, role, policiesFor(world, role, relation.oid, command), side));
  answersFor(world).set(key, isRefused);
  return isRefused;
}

function circles(world: World, reading: Reading): boolean {
  const known = answersFor(world);
  const key = keyOf(reading);
  const before = known.get(key);
  if (before !== undefined) return before !== false;
  known.set(key, 'under way');
  const answer = readFor(world, reading).some((next) => circles(world, next));
  known.set(key, answer);
  return answer;
}

const keyOf = ({ relation, role }: Reading): string => `${relation.oid} ${role}`;

function answersFor(world: World): Map<string, 'under way' | boolean> {
  const known = answers.get(world) ?? new Map<string, 'under way' | boolean>();
  answers.set(world, known);
  return known;
}

/** What the policies for reading the table read in turn. */
function readFor(world: World, { relation, role }: Reading): readonly Reading[] {
  if (!isBoundByRowSecurity(world, role, relation)) return [];
  return readIn(world, role, policiesFor(world, role, relation.oid, 'select'), 'using');
}

function readIn(
  world: World,
  role: Oid,
  policies: readonly Policy[],
  side: Side,
): readonly Reading[] {
  return policies.flatMap((policy) => {
    const text = side === 'check' ? (policy.check ?? policy.using) : policy.using;
    if (text === null || !/\bselect\b/i.test(text)) return [];
    return tablesIn(world, role, text, expressionOf(text), []);
  });
}

const named = new WeakMap<World, Map<string, readonly Relation[]>>();

/** The tables that a parsed text names, views replaced by what they read with their owner's rights. */
function tablesIn(
  world: World,
  role: Oid,
  text: string,
  tree: unknown,
  views: readonly Oid[],
): readonly Reading[] {
  const known = named.get(world) ?? new Map<string, readonly Relation[]>();
  named.set(world, known);
  let relations = known.get(text);
  if (relations === undefined) {
    const found = new Set<Relation>();
    walk(tree, (tag, body) => {
      const schema = textOf(body.schemaname);
      // Deparsed names of tables are qualified; one that is not is a WITH query's.
      if (tag !== 'RangeVar' || schema === undefined) return undefined;
      const relation = relationNamed(world, schema, textOf(body.relname) ?? '');
      if (relation !== undefined) found.add(relation);
      return undefined;
    });
    relations = [...found];
    known.set(text, relations);
  }
  return relations.flatMap((relation): readonly Reading[] => {
    if (relation.kind !== 'view') return [{ relation, role }];
    const { definition } = relation;
    if (definition === null || views.includes(relation.oid)) return [];
    const isAsCaller = isInvoker(relation);
    if (isAsCaller && role !== world.surface.role.oid) return [];
    const below = [...views, relation.oid];
    const reader = isAsCaller ? role : relation.owner;
    return tablesIn(world, reader, definition, statementsOf(definition), below);
  });
}
