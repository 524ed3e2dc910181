/**
 * What a trigger or a rewrite rule does with its owner's rights when the app's role writes a row.
 *
 * The row is tried as the role's own, as one in another tenant's name where the table's checks let that in,
 * and (to see where copies go) as another tenant's.
 */
import type { Relation, RewriteRule, Routine } from '../catalog/model.ts';
import type { World } from '../world.ts';
import {
  type Effect,
  type Environment,
  newEnvironment,
  newSession,
  type Row,
  type Session,
  withVariables,
} from './environment.ts';
import { condition } from './expression.ts';
import { least } from './outcome.ts';
import { plantedRows } from './planting.ts';
import { run } from './routine-call.ts';
import { tableRow } from './table-rows.ts';
import { ask, TooLarge } from './too-large.ts';
import { as, list, statementsOf } from './tree.ts';
import { foreignChance, only, type Possible } from './value.ts';
import { runStatement } from './write-statement.ts';

export interface TriggerAnswer {
  readonly effects: readonly Effect[];
  /** The function could not be read. */
  readonly unread: boolean;
  /** What could not be followed to its end; null when everything was. */
  readonly doubt: string | null;
}

export function judgeTrigger(world: World, relation: Relation, routine: Routine): TriggerAnswer {
  if (routine.language !== 'plpgsql') return { effects: [], unread: true, doubt: null };
  return onRowsWritten(world, relation, (row, mine) => {
    const seen: Effect[] = [];
    const env = environment(world, seen, row);
    const ran = ask(env.session, () => run(env, routine, []));
    if (ran instanceof TooLarge) return { effects: seen, doubt: ran.message };
    if (ran?.kind === 'value') filled(relation, ran.value, seen);
    return { effects: seen.filter((effect) => (effect.what === 'copy') !== mine), doubt: null };
  });
}

/** Values of other tenants' rows put into the row that the caller writes, and reads back. */
function filled(relation: Relation, returned: Possible, seen: Effect[]): void {
  for (const { value, chance } of returned) {
    if (value.kind !== 'record') continue;
    for (const [column, field] of value.fields) {
      // Who a key of the row's own names is asked where keys are.
      if (field.every((one) => one.value.kind === 'coloured')) continue;
      const because = `it fills ${relation.name}.${column} with values of other tenants' rows`;
      const told = least(chance, foreignChance(field));
      seen.push({ what: 'answer', relation, chance: told, because });
    }
  }
}

export function judgeRule(world: World, relation: Relation, rule: RewriteRule): TriggerAnswer {
  const statement = as(statementsOf(rule.definition)?.[0], 'RuleStmt');
  if (statement === undefined) return { effects: [], unread: true, doubt: null };
  return onRowsWritten(world, relation, (row, mine) => {
    const seen: Effect[] = [];
    const env = { ...environment(world, seen, row), role: relation.owner };
    const ran = ask(env.session, () => {
      if (statement.whereClause !== undefined && condition(env, statement.whereClause).t === 0)
        return;
      for (const action of list(statement.actions)) runStatement(env, action);
    });
    return {
      effects: seen.filter((effect) => (effect.what === 'copy') !== mine),
      doubt: ran instanceof TooLarge ? ran.message : null,
    };
  });
}

function onRowsWritten(
  world: World,
  relation: Relation,
  judge: (row: Row, mine: boolean) => Pick<TriggerAnswer, 'effects' | 'doubt'>,
): TriggerAnswer {
  const session = newSession(world, 'present');
  const rows = ask(session, () => rowsWritten(world, session, relation));
  if (rows instanceof TooLarge) return { effects: [], unread: false, doubt: rows.message };
  const judged = rows.map(([row, mine]) => judge(row, mine));
  return {
    effects: judged.flatMap(({ effects }) => effects),
    unread: false,
    doubt: judged.find(({ doubt }) => doubt !== null)?.doubt ?? null,
  };
}

/** Rows that the role may write; `mine` false for those of others, which only show where copies go. */
function rowsWritten(
  world: World,
  session: Session,
  relation: Relation,
): readonly (readonly [Row, boolean])[] {
  const env = newEnvironment(session, world.surface.role.oid);
  if (relation.kind === 'view') {
    const chosen = (colour: 'A' | 'B'): Row => ({
      columns: new Map(
        relation.columns.map((column) => [
          column.name,
          only({ kind: 'chosen', identity: `new.${column.name}`, colour, type: column.type }),
        ]),
      ),
      chance: 2,
      colour: null,
      from: null,
      planted: null,
      because: null,
    });
    return [
      [chosen('A'), true],
      [chosen('B'), true],
    ];
  }
  const own = tableRow(env, relation, 'B');
  const planted = plantedRows(env, relation).filter((row) => row.chance === 2);
  return [
    [written(own), true],
    ...planted.map((row) => [written(row), true] as const),
    [tableRow(env, relation, 'A'), false],
  ];
}

/** What is free in a row that the role writes is the attacker's choice. */
function written(row: Row): Row {
  const columns = new Map<string, Possible>();
  for (const [name, value] of row.columns) {
    const only_ = value.length === 1 ? value[0]?.value : undefined;
    columns.set(
      name,
      only_?.kind === 'free'
        ? only({ kind: 'chosen', identity: `new.${name}`, colour: null, type: only_.type })
        : value,
    );
  }
  return { ...row, columns };
}

function environment(world: World, effects: Effect[], row: Row): Environment {
  const env = newEnvironment(newSession(world, 'present'), world.surface.role.oid);
  const record = only({ kind: 'record', fields: row.columns });
  const variables = new Map([
    ['new', record],
    ['old', record],
  ]);
  return { ...withVariables(env, variables), effects };
}
