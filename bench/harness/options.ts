/** The command line of the benchmarks. */
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** One short round of everything, to see that it runs; its figures mean nothing. */
  readonly quick: boolean;
  readonly json: boolean;
  /** A missed target ends in exit code 1. */
  readonly strict: boolean;
  readonly parts: readonly string[];
  readonly rounds: number;
  readonly slotMs: number;
  readonly warmUpMs: number;
  readonly connections: number;
  /** Which ways run, by key; the ceiling always does. */
  readonly ways: RegExp;
  /** Which heats run, by title, such as `read one row, 16 callers, direct`. */
  readonly heats: RegExp;
  readonly pgbouncer: string;
}

export function readOptions(): BenchOptions {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      'slot-ms': { type: 'string' },
      connections: { type: 'string', default: '10' },
      ways: { type: 'string', default: '' },
      heats: { type: 'string', default: '' },
      pgbouncer: { type: 'string', default: 'pgbouncer' },
    },
  });
  const { quick } = values;
  return {
    quick,
    json: values.json,
    strict: values.strict,
    parts: positionals.length === 0 ? ['isolation', 'middleware'] : positionals,
    rounds: count(values.rounds, quick ? 1 : 15),
    slotMs: count(values['slot-ms'], quick ? 25 : 150),
    warmUpMs: quick ? 10 : 400,
    connections: count(values.connections, 10),
    ways: new RegExp(values.ways),
    heats: new RegExp(values.heats),
    pgbouncer: values.pgbouncer,
  };
}

function count(given: string | undefined, otherwise: number): number {
  const value = given === undefined ? otherwise : Number(given);
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`not a count: ${given}`);
  return value;
}
