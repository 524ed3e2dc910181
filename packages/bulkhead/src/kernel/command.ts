/**
 * The shape of a command, so that a room can bring its own without knowing the command line.
 *
 * Promises: what `--help`, the generated reference and the parser show of a command all come from this
 * one value. A command never touches `process`; everything it may reach is in `CommandIo`.
 */
import type { z } from 'zod';
import type { Paint } from './terminal/paint.ts';
import type { Progress } from './terminal/progress.ts';

/** sysexits.h where it has a word for it: 64 wrong use, 69 unavailable, 70 our fault, 78 configuration. */
export const exitCodes = {
  done: 0,
  found: 1,
  undecided: 2,
  usage: 64,
  unavailable: 69,
  internal: 70,
  config: 78,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface ArgumentDefinition {
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  /** Takes all that follow; only the last argument may. */
  readonly variadic?: boolean;
}

export interface OptionDefinition {
  /** As commander reads it: `--tenant <id>`, `-n, --count <number>`, `--force`. */
  readonly flags: string;
  readonly summary: string;
  readonly default?: string | boolean;
  readonly choices?: readonly string[];
  /** May be given several times; the input is then an array. */
  readonly repeatable?: boolean;
}

export interface CommandExample {
  readonly command: string;
  readonly summary: string;
}

/** What every command may reach. */
export interface CommandIo {
  /** `--json`: print exactly one document through `result`, and nothing else to stdout. */
  readonly json: boolean;
  readonly verbose: boolean;
  /** A person sits there: both ends are a terminal, and neither `--json` nor CI is set. */
  readonly interactive: boolean;
  readonly cwd: string;
  /** Aborted on Ctrl-C; long work must end soon after. */
  readonly signal: AbortSignal;
  /** How long the command may take to end once it is told to by SIGTERM; ten seconds unless it says so. */
  allowToEnd(withinMs: number): void;
  readonly paint: Paint;
  /** Columns of the terminal, 80 when there is none. */
  readonly columns: number;
  readonly environment: CommandEnvironment;
  /** One line to stdout for a person; silent under `--json`. */
  line(text?: string): void;
  /** One line to stderr: what happens meanwhile. */
  note(text: string): void;
  /** A table to stdout for a person; silent under `--json`. Columns named `whole` are never broken. */
  table(
    head: readonly string[],
    rows: readonly (readonly string[])[],
    options?: { readonly whole?: readonly string[] },
  ): void;
  /** The one JSON document of `--json`; does nothing without it. */
  result(document: unknown): void;
  progress(label: string, total: number): Progress;
  /**
   * One section of the configuration file, after the whole file was found valid.
   *
   * @throws `kernel.config_missing`, `kernel.config_invalid`
   */
  section<S extends z.ZodType>(name: string, schema: S): Promise<z.output<S>>;
  /**
   * The whole configuration as the file has it, with the environment's values filled in; already valid.
   *
   * @throws `kernel.config_missing`, `kernel.config_invalid`
   */
  config(): Promise<Readonly<Record<string, unknown>>>;
  /**
   * The administrator's URL: BULKHEAD_ADMIN_URL, else `database.adminUrl`.
   *
   * @throws `kernel.setting_missing`
   */
  adminUrl(): Promise<string>;
}

/** The environment variables the command line reads; nothing else in Bulkhead reads any. */
export interface CommandEnvironment {
  readonly adminUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  readonly contextKey: string | undefined;
}

export interface CommandDefinition {
  /** Words are levels: `key generate` is `generate` below `key`. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly arguments: readonly ArgumentDefinition[];
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly CommandExample[];
  /** `input` holds arguments and options by camelCase name, as the parser left them. */
  readonly run: (io: CommandIo, input: unknown) => Promise<ExitCode>;
  /** Checks `input` before anything runs; the parser reports its issues as wrong use. */
  readonly input: z.ZodType;
}

/** Where commands are loaded from, by the first of their words. */
export type CommandSources = Readonly<Record<string, () => Promise<readonly CommandDefinition[]>>>;

/**
 * Makes a command whose `run` is typed by its `input` schema. Options arrive as text or booleans: use
 * `z.coerce.number()` where a number is meant.
 *
 * @example
 * export const greet = defineCommand({
 *   name: 'greet', summary: 'Says hello.',
 *   arguments: [{ name: 'name', summary: 'Whom to greet.', required: true }],
 *   options: [], examples: [{ command: 'bulkhead greet Ada', summary: 'Greets Ada.' }],
 *   input: z.strictObject({ name: z.string() }),
 *   run: async (io, { name }) => { io.line(`Hello, ${name}.`); return exitCodes.done; },
 * });
 */
export function defineCommand<S extends z.ZodType>(
  definition: Omit<CommandDefinition, 'run' | 'input'> & {
    readonly input: S;
    readonly run: (io: CommandIo, input: z.output<S>) => Promise<ExitCode>;
  },
): CommandDefinition {
  return {
    ...definition,
    run: (io, input) => definition.run(io, definition.input.parse(input)),
  };
}
