/** Flags and operands, before anyone asks what they mean. */
import { parseArgs } from 'node:util';

export class WrongUse extends Error {}

/** May be repeated, or be followed by all their values. */
const LISTS = [
  'vkey',
  'witness',
  'pin',
  'inclusion',
  'consistency',
  'openings',
  'checkpoint',
] as const;
/** Take one value, once. */
const SINGLES = ['origin', 'quorum', 'max-age', 'now', 'state', 'min-size', 'min-index'] as const;
const SWITCHES = ['json', 'strict-size', 'help', 'version'] as const;

export type ListFlag = (typeof LISTS)[number];
export type SingleFlag = (typeof SINGLES)[number];
export type Switch = (typeof SWITCHES)[number];

export interface Arguments {
  readonly operands: readonly string[];
  list(flag: ListFlag): readonly string[];
  single(flag: SingleFlag): string | undefined;
  has(flag: Switch): boolean;
}

/**
 * A flag that takes several values is followed by all of them only once the operands have been given, so that
 * `--vkey KEY DIR` still means what it says.
 */
export function readArguments(
  argv: readonly string[],
  flags: readonly (ListFlag | SingleFlag | Switch)[],
  operandsMin: number,
): Arguments {
  const operands: string[] = [];
  const values = new Map<string, string[]>();
  let open: string | undefined;
  for (const token of tokenize(argv, flags)) {
    if (token.kind === 'option-terminator') {
      open = undefined;
    } else if (token.kind === 'option') {
      const list = (LISTS as readonly string[]).includes(token.name);
      if (!list && values.has(token.name)) throw new WrongUse(`--${token.name} is there twice`);
      values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? '']);
      open = list ? token.name : undefined;
    } else if (open !== undefined && operands.length >= operandsMin) {
      values.get(open)?.push(token.value);
    } else operands.push(token.value);
  }
  return {
    operands,
    list: (flag) => values.get(flag) ?? [],
    single: (flag) => values.get(flag)?.[0],
    has: (flag) => values.has(flag),
  };
}

function tokenize(argv: readonly string[], flags: readonly string[]) {
  const isSwitch = (flag: string): boolean => (SWITCHES as readonly string[]).includes(flag);
  const options = Object.fromEntries(
    [...flags, 'help'].map((flag) => [
      flag,
      { type: isSwitch(flag) ? 'boolean' : 'string' } as const,
    ]),
  );
  try {
    const config = { args: [...argv], options, allowPositionals: true, strict: true } as const;
    return parseArgs({ ...config, tokens: true }).tokens;
  } catch (error) {
    throw new WrongUse(error instanceof Error ? error.message : String(error));
  }
}
