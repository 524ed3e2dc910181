/**
 * EXECUTE: the text put together is read back as SQL, its holes filled by what they hold.
 *
 * Promises: text of the caller's that goes in unquoted is an injection; quoted as a literal it is a value,
 * as an identifier it may name any table.
 */
import type { Relation } from '../catalog/model.ts';
import { setSetting } from './context-values.ts';
import type { Environment, Row } from './environment.ts';
import { unknownRow } from './query.ts';
import { findRelation } from './search-path.ts';
import { isTenantData } from './table-rows.ts';
import { as, columnNames, list, statementsOf, type Tree, tagOf, textOf, walk } from './tree.ts';
import type { Piece, Possible } from './value.ts';
import { runStatement } from './write-statement.ts';

export function runDynamic(
  env: Environment,
  text: Possible,
  params: readonly Possible[],
): readonly Row[] {
  const rows: Row[] = [];
  for (const { value } of text) {
    if (value.kind === 'constant') rows.push(...runText(env, value.text, params));
    else if (value.kind === 'text') rows.push(...runPieces(env, value.pieces, params));
    else if (value.kind === 'chosen')
      injected(env, `it executes SQL that its caller gives (${value.identity})`);
    else if (value.kind !== 'null') rows.push(unknownRow('SQL that is put together at run time'));
  }
  return rows;
}

function injected(env: Environment, because: string): void {
  env.effects?.push({ what: 'injection', relation: null, chance: 2, because });
}

/** SET takes no parameters, but this is where a literal was put. */
const SET = /^\s*set\s+(?:session\s+|local\s+)?([\w.]+)\s*(?:=|\bto\b)\s*\$(\d+)\s*;?\s*$/i;

function runText(env: Environment, sql: string, params: readonly Possible[]): readonly Row[] {
  const [, name, at] = SET.exec(sql) ?? [];
  if (name !== undefined) {
    setSetting(env, name.toLowerCase(), params[Number(at) - 1] ?? []);
    return [];
  }
  const parsed = statementsOf(sql);
  if (parsed === undefined) return [unknownRow('SQL that is put together at run time')];
  const variables = new Map(env.scope?.variables ?? []);
  params.forEach((value, at) => {
    variables.set(`$${at + 1}`, value);
  });
  const inside: Environment = { ...env, scope: { sources: [], variables, parent: null } };
  return parsed.flatMap((statement) => runStatement(inside, statement));
}

function runPieces(
  env: Environment,
  pieces: readonly Piece[],
  params: readonly Possible[],
): readonly Row[] {
  const values = [...params];
  let tables: readonly string[] = [''];
  let sql: readonly string[] = [''];
  for (const piece of pieces) {
    if (piece.how === 'fixed') sql = sql.map((text) => text + piece.text);
    else if (piece.how === 'literal') {
      values.push(piece.value);
      const number = values.length;
      sql = sql.map((text) => `${text}$${number}`);
    } else if (piece.how === 'identifier' || isName(piece)) {
      tables = namesFor(env, piece);
      sql = sql.flatMap((text) => tables.map((name) => text + name));
    } else if (isChosen(piece.value)) {
      injected(env, 'it puts text of its caller into SQL unquoted');
      return [];
    } else if (
      piece.value.every(
        (a) => a.value.kind === 'coloured' || a.value.kind === 'truth' || a.value.kind === 'count',
      )
    ) {
      // An id or a number: whatever it is, it ends no literal. Quotes around it go.
      values.push(piece.value);
      const number = values.length;
      sql = sql.map((text) => `${text.replace(/'$/, '')}$${number} `);
    } else return [unknownRow('SQL that is put together at run time')];
  }
  return sql.slice(0, 40).flatMap((text) => {
    const whole = text.replace(/(\$\d+) '/g, '$1');
    return namesNoColumn(env, whole) ? [] : runText(env, whole, values);
  });
}

/** A table of the caller's choice may lack a column that the statement names: then it fails, and shows nothing. */
function namesNoColumn(env: Environment, sql: string): boolean {
  const statement = statementsOf(sql)?.[0];
  const body = as(statement, tagOf(statement) ?? '');
  const from = [
    ...list(body?.fromClause),
    ...(body?.relation === undefined ? [] : [body.relation]),
  ];
  if (body === undefined || from.length !== 1) return false;
  const range = as(from[0], 'RangeVar') ?? (from[0] as Tree);
  const relation = findRelation(env, textOf(range.schemaname), textOf(range.relname) ?? '');
  if (relation === undefined) return false;
  let missing = false;
  walk(body.whereClause, (tag, node) => {
    if (tag === 'SubLink') return false;
    const names = tag === 'ColumnRef' ? columnNames(node) : [];
    if (names.length === 1 && !relation.columns.some(({ name }) => name === names[0]))
      missing = true;
    return undefined;
  });
  return missing;
}

const isChosen = (value: Possible): boolean =>
  value.some((a) => a.value.kind === 'chosen' || a.value.kind === 'text') &&
  !value.every(
    (a) =>
      a.value.kind === 'chosen' &&
      /^(uuid|integer|bigint|smallint|boolean|regclass|date|numeric)/.test(a.value.type),
  );

/** A regclass prints as a quoted name. */
const isName = (piece: Piece): boolean =>
  piece.value.length > 0 &&
  piece.value.every((a) => a.value.kind === 'chosen' && a.value.type === 'regclass');

/** Tables that a chosen name may be: those that hold tenants' data, as many as are worth trying. */
function namesFor(env: Environment, piece: Piece): readonly string[] {
  const fixed =
    piece.value.length === 1 && piece.value[0]?.value.kind === 'constant'
      ? piece.value[0].value.text
      : undefined;
  if (fixed !== undefined) return [`"${fixed.replaceAll('"', '""')}"`];
  const relations: Relation[] = [];
  for (const relation of env.session.world.catalog.relations.values()) {
    if (relation.kind === 'table' && isTenantData(env, relation)) relations.push(relation);
    if (relations.length >= 6) break;
  }
  // Or one that the caller made for the purpose.
  return [
    ...relations.map((relation) => `"${relation.name.replaceAll('"', '""')}"`),
    '"a table of the caller\'s"',
  ];
}
