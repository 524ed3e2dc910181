/**
 * Finds what a name in an expression refers to, as PostgreSQL does: the innermost query first.
 */
import type { Environment } from './environment.ts';
import { columnNames, type Tree } from './tree.ts';
import { join, NULL_VALUE, only, opaque, type Possible } from './value.ts';

export function columnValue(env: Environment, ref: Tree): Possible {
  const names = columnNames(ref);
  return lookUp(env, names) ?? opaque(`the name ${names.join('.')}`);
}

function lookUp(env: Environment, names: readonly string[]): Possible | undefined {
  const [first = '', second] = names.length > 2 ? names.slice(-2) : names;
  for (let scope = env.scope; scope !== null; scope = scope.parent) {
    if (second === undefined) {
      const holders = scope.sources.filter((source) => source.row.columns.has(first));
      // A merged column of USING is in several sources; they are equal there.
      const held = holders[0]?.row.columns.get(first);
      if (held !== undefined) return held;
      const whole = scope.sources.find((source) => source.alias === first);
      if (whole !== undefined) return only({ kind: 'record', fields: whole.row.columns });
      const variable = scope.variables.get(first);
      if (variable !== undefined) return variable;
      continue;
    }
    const source = scope.sources.find((candidate) => candidate.alias === first);
    if (source !== undefined) {
      if (second === '*') return only({ kind: 'record', fields: source.row.columns });
      return source.row.columns.get(second) ?? opaque(`the column ${first}.${second}`);
    }
    const record = scope.variables.get(first);
    if (record !== undefined) return fieldOf(record, second);
    if (env.routine?.name === first) {
      const argument = scope.variables.get(second);
      if (argument !== undefined) return argument;
    }
  }
  return undefined;
}

function fieldOf(record: Possible, field: string): Possible {
  return join(
    ...record.map((a): Possible => {
      if (a.value.kind === 'record') {
        if (field === '*') return [a];
        return (a.value.fields.get(field) ?? opaque(`the field ${field}`)).map((f) => ({
          value: f.value,
          chance: f.chance < a.chance ? f.chance : a.chance,
        }));
      }
      if (a.value.kind === 'null') return NULL_VALUE;
      return opaque(`the field ${field}`);
    }),
  );
}
