/**
 * Function calls: PostgreSQL's own by what they do to a tenant's value, the user's by reading their bodies.
 */
import { builtin } from './builtins.ts';
import { scalar, wellKnownCall } from './context-values.ts';
import type { Environment, Row } from './environment.ts';
import { evaluate } from './expression.ts';
import { elementsOf } from './operators.ts';
import { unknownRow } from './query.ts';
import { callRoutine, rowsOfRoutine } from './routine-call.ts';
import { findRoutines } from './search-path.ts';
import { as, list, namesOf, type Tree, textOf } from './tree.ts';
import { only, opaque, type Possible } from './value.ts';

interface Call {
  readonly schema: string | undefined;
  readonly name: string;
  readonly args: readonly unknown[];
}

function read(body: Tree): Call {
  const names = namesOf(body.funcname);
  const name = (names[names.length - 1] ?? '').toLowerCase();
  return {
    schema: names.length > 1 ? names[names.length - 2] : undefined,
    name,
    args: list(body.args),
  };
}

export function callFunction(env: Environment, body: Tree): Possible {
  const call = read(body);
  if (call.schema === undefined || call.schema === 'pg_catalog') {
    const known = builtin(env, call.name, call.args);
    if (known !== undefined) return known;
    if (call.schema === 'pg_catalog') return opaque(`the function ${call.name}`);
  } else {
    const known = wellKnownCall(env, call.schema, call.name);
    if (known !== undefined) return known;
  }
  const routine = findRoutines(env, call.schema, call.name, call.args.length)[0];
  if (routine === undefined) {
    return opaque(`the function ${call.schema === undefined ? '' : `${call.schema}.`}${call.name}`);
  }
  return callRoutine(
    env,
    routine,
    call.args.map((arg) => ({ name: argumentName(arg), value: scalar(env, evaluate(env, arg)) })),
  );
}

const argumentName = (arg: unknown): string | null => textOf(as(arg, 'NamedArgExpr')?.name) ?? null;

/** A function in FROM. */
export function callSetReturning(env: Environment, node: unknown): readonly Row[] {
  const body = as(node, 'FuncCall');
  if (body === undefined) return [one(env, evaluate(env, node), 'value')];
  const call = read(body);
  const name = call.name;
  if (call.schema === undefined || call.schema === 'pg_catalog') {
    if (
      /^(unnest|json(b)?_array_elements(_text)?|string_to_table|regexp_split_to_table)$/.test(name)
    ) {
      const value = evaluate(env, call.args[0]);
      const elements = elementsOf(value);
      return scalar(env, elements)
        .filter((a) => a.value.kind !== 'null')
        .map((a) => one(env, [a], name.startsWith('json') ? 'value' : name));
    }
    if (name === 'generate_series' || name === 'generate_subscripts') {
      return [
        one(
          env,
          only({ kind: 'free', identity: name, type: 'integer', colour: null, nullable: false }),
          name,
        ),
      ];
    }
    const known = builtin(env, name, call.args);
    if (known !== undefined) return [one(env, known, name)];
    if (call.schema === 'pg_catalog') return [unknownRow(`the function ${name}`)];
  } else {
    const known = wellKnownCall(env, call.schema, name);
    if (known !== undefined) return [one(env, known, name)];
  }
  const routine = findRoutines(env, call.schema, name, call.args.length)[0];
  if (routine === undefined) return [unknownRow(`the function ${name}`)];
  return rowsOfRoutine(
    env,
    routine,
    call.args.map((arg) => ({ name: argumentName(arg), value: scalar(env, evaluate(env, arg)) })),
  );
}

function one(env: Environment, value: Possible, column: string): Row {
  void env;
  return {
    columns: new Map([[column, value]]),
    chance: 2,
    colour: null,
    from: null,
    planted: null,
    because: null,
  };
}

/** An operator that a user or an extension defined: its function decides. */
export function callUserOperator(
  env: Environment,
  schema: string,
  operator: string,
  left: Possible,
  right: Possible,
): Possible | undefined {
  const { catalog } = env.session.world;
  const found = catalog.operators.find((o) => o.schema === schema && o.name === operator);
  const routine = found === undefined ? undefined : catalog.routines.get(found.function);
  // An extension's equality (citext, ltree) is taken as equality by whoever calls.
  if (routine === undefined || routine.extension !== null) return undefined;
  return callRoutine(
    env,
    routine,
    [left, right].map((value) => ({ name: null, value })),
  );
}
