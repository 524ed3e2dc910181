/**
 * Calls of the user's own functions, answered by reading their bodies.
 *
 * Promises: SECURITY DEFINER bodies read tables as their owner, others as their caller; a language that is
 * neither SQL nor PL/pgSQL gives an opaque value that names it.
 */
import type { Relation, Routine } from '../catalog/model.ts';
import { cast } from './cast.ts';
import { isNull, overEach } from './compare.ts';
import { DEPTH_MAX, type Environment, type Row, settingsOf } from './environment.ts';
import { evaluate } from './expression.ts';
import { circumstances, Renaming, Shape } from './identities.ts';
import { isTooDeep, isUnderWay, remembered } from './memory.ts';
import { runBody } from './plpgsql/run-body.ts';
import { firstColumn, rowsOf, unknownRow } from './query.ts';
import { pathFor } from './search-path.ts';
import { as, expressionOf, list, statementsOf, type Tree } from './tree.ts';
import { NULL_VALUE, opaque, type Possible } from './value.ts';
import { isWatched } from './watched-argument.ts';
import { runStatement } from './write-statement.ts';

export interface Argument {
  readonly name: string | null;
  readonly value: Possible;
}

export function callRoutine(
  env: Environment,
  routine: Routine,
  args: readonly Argument[],
): Possible {
  if (
    routine.strict &&
    args.some((arg) => overEach(arg.value, isNull).f === 0 && arg.value.length > 0)
  )
    return NULL_VALUE;
  const results = run(env, routine, args);
  if (results === undefined)
    return opaque(`the function ${routine.schema}.${routine.name} in ${routine.language}`);
  if (results.kind === 'value') return typed(env, results.value, routine);
  const always = routine.returnsSet ? false : results.always;
  return typed(env, firstColumn(results.rows.map(narrowed(routine)), always), routine);
}

function typed(env: Environment, value: Possible, routine: Routine): Possible {
  const name = routine.returns.replace(/^pg_catalog\./, '');
  if (/^(uuid|integer|bigint|boolean|text)$/.test(name))
    return cast(env, value, { name, array: false, modified: false, length: null });
  return value;
}

/** A function that returns rows of several columns is used as one value only for its first. */
const narrowed =
  (routine: Routine) =>
  (row: Row): Row => {
    void routine;
    return row;
  };

export function rowsOfRoutine(
  env: Environment,
  routine: Routine,
  args: readonly Argument[],
): readonly Row[] {
  const results = run(env, routine, args);
  if (results === undefined)
    return [unknownRow(`the function ${routine.schema}.${routine.name} in ${routine.language}`)];
  const names = outputNames(env, routine);
  if (results.kind === 'value') {
    const record = results.value[0]?.value;
    const columns =
      record?.kind === 'record'
        ? record.fields
        : new Map([[names[0] ?? routine.name, results.value]]);
    return [{ columns, chance: 2, colour: null, from: null, planted: null, because: null }];
  }
  return results.rows.map((row) => {
    const width = row.columns.size;
    if (names.length !== width && !(width === 1 && names.length === 0)) return row;
    const given = names.length === 0 ? [routine.name] : names;
    return {
      ...row,
      columns: new Map(
        [...row.columns].map(([name, value], at) => [given[at] ?? name, value] as const),
      ),
    };
  });
}

function outputNames(env: Environment, routine: Routine): readonly string[] {
  const out = routine.arguments.filter((a) => a.mode !== 'in' && a.mode !== 'variadic');
  if (out.length > 0) return out.map((a) => a.name ?? '');
  const relation: Relation | undefined =
    routine.returnsRelation === null
      ? undefined
      : env.session.world.catalog.relations.get(routine.returnsRelation);
  return relation?.columns.map((column) => column.name) ?? [];
}

export type Results =
  | { readonly kind: 'rows'; readonly rows: readonly Row[]; readonly always: boolean }
  | { readonly kind: 'value'; readonly value: Possible };

/** Runs a body with its arguments; undefined for a language that is not read. */
export function run(
  env: Environment,
  routine: Routine,
  args: readonly Argument[],
): Results | undefined {
  const mark = `function ${routine.oid}`;
  if (isUnderWay(env, mark, 1) || isTooDeep(env, DEPTH_MAX)) {
    return { kind: 'value', value: opaque(`${routine.name}, which calls itself`) };
  }
  if (routine.language !== 'sql' && routine.language !== 'plpgsql') return undefined;
  const variables = bind(env, routine, args);
  const inside: Environment = {
    ...env,
    role: routine.securityDefiner ? routine.owner : env.user,
    user: routine.securityDefiner ? routine.owner : env.user,
    scope: { sources: [], variables, parent: null },
    ctes: new Map(),
    searchPath: routine.sqlBody === null ? pathFor(env.session.world, routine) : null,
    within: [...env.within, mark],
    settings: settingsOf(env),
    routine,
  };
  const body = () =>
    routine.language === 'plpgsql' ? runBody(inside, routine) : runSql(inside, routine);
  // A trigger's rows are its own, and nobody asks again what is judged; nothing is gained by recognising them.
  if (variables.has('new') || (env.within.length === 0 && args.some(isWatchedArgument))) {
    const results = body();
    leaveSettings(env, routine, variables);
    return results;
  }
  const shape = new Shape();
  const given = shape.ofAll(variables);
  const told = env.effects === null ? '' : env.within.length === 0 ? 'told at once' : 'told';
  const key = `${mark} ${circumstances(inside)} ${told} ${given}`;
  const known = remembered(inside, key, () => {
    const results = body();
    return { instances: shape.instances, results, variables };
  });
  leaveSettings(env, routine, known.variables);
  if (known.variables === variables) return known.results;
  const pairs = known.instances.map((from, at) => [from, shape.instances[at] ?? from] as const);
  return renewed(known.results, new Renaming(env.session, pairs));
}

const isWatchedArgument = ({ value }: Argument): boolean => isWatched(value);

/** An answer given to another call, as if it had been found for this one. */
function renewed(results: Results, renaming: Renaming): Results {
  return results.kind === 'value'
    ? { kind: 'value', value: renaming.possible(results.value) }
    : { ...results, rows: results.rows.map(renaming.row) };
}

/** What a body sets outlasts it, unless the function has a SET clause of its own for that. */
function leaveSettings(
  env: Environment,
  routine: Routine,
  variables: ReadonlyMap<string, Possible>,
): void {
  let outermost = env.scope;
  while (outermost !== null && outermost.parent !== null) outermost = outermost.parent;
  for (const [name, value] of variables) {
    const own = [...routine.config.keys()].some((key) => `set ${key.toLowerCase()}` === name);
    // Scopes are read only but for what the session's settings have become.
    if (name.startsWith('set ') && !own)
      (outermost?.variables as Map<string, Possible> | undefined)?.set(name, value);
  }
}

function bind(
  env: Environment,
  routine: Routine,
  args: readonly Argument[],
): Map<string, Possible> {
  const variables = new Map<string, Possible>();
  // A trigger's rows come from the statement that fired it.
  for (const name of ['new', 'old']) {
    const row = /^(event_)?trigger$/.test(routine.returns)
      ? env.scope?.variables.get(name)
      : undefined;
    if (row !== undefined) variables.set(name, row);
  }
  const inputs = routine.arguments.filter((a) => a.mode !== 'out' && a.mode !== 'table');
  inputs.forEach((declared, at) => {
    const named = args.find((arg) => arg.name !== null && arg.name === declared.name);
    const positional = args[at]?.name === null ? args[at] : undefined;
    const value =
      (named ?? positional)?.value ??
      (declared.default === null
        ? NULL_VALUE
        : evaluate({ ...env, scope: null }, expressionOf(declared.default)));
    // To hand it on is to look at it.
    const given = env.within.length > 0 && isWatched(value) ? [...value] : value;
    variables.set(`$${at + 1}`, given);
    if (declared.name !== null && declared.name !== '') variables.set(declared.name, given);
  });
  for (const output of routine.arguments) {
    if ((output.mode === 'out' || output.mode === 'table') && output.name !== null)
      variables.set(output.name, NULL_VALUE);
  }
  return variables;
}

function runSql(env: Environment, routine: Routine): Results {
  const statements = statementsOfSql(routine);
  if (statements === undefined)
    return { kind: 'value', value: opaque(`the body of ${routine.name}`) };
  let last: Results = { kind: 'rows', rows: [], always: false };
  for (const statement of statements) {
    const returned = as(statement, 'ReturnStmt');
    if (returned !== undefined) {
      last = { kind: 'value', value: evaluate(env, returned.returnval) };
      continue;
    }
    const select = as(statement, 'SelectStmt');
    const rows = select === undefined ? runStatement(env, statement) : rowsOf(env, select);
    const always =
      select !== undefined &&
      list(select.fromClause).length === 0 &&
      select.whereClause === undefined &&
      list(select.valuesLists).length === 0;
    last = {
      kind: 'rows',
      rows,
      always:
        always ||
        (rows.length === 1 &&
          rows[0]?.colour === null &&
          rows[0].chance === 2 &&
          isAggregate(select)),
    };
  }
  return last;
}

const isAggregate = (select: Tree | undefined): boolean =>
  select !== undefined &&
  list(select.groupClause).length === 0 &&
  JSON.stringify(select.targetList ?? '').includes('"count"');

/** The statements of a body in SQL: a string, `RETURN …`, or `BEGIN ATOMIC … END` as deparsed. */
export function statementsOfSql(routine: Routine): readonly unknown[] | undefined {
  if (routine.sqlBody === null) return statementsOf(routine.source);
  const text = routine.sqlBody.trim();
  const returned = /^RETURN\s+([\s\S]+)$/i.exec(text);
  if (returned !== null) return statementsOf(`SELECT ${returned[1]}`);
  const atomic = /^BEGIN ATOMIC\s+([\s\S]*?)\s*END$/i.exec(text);
  return statementsOf(atomic?.[1] ?? text);
}
