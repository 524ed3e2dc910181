/**
 * Builds commander's program from the commands of the rooms.
 *
 * Promises: every command has `--json`, `--verbose`, `--no-color` and `--config`; without a command there is
 * help; wrong use throws `kernel.usage` with commander's suggestion, and prints nothing by itself but help
 * and version.
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import { z } from 'zod';
import type { CommandDefinition, OptionDefinition } from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';
import type { GlobalOptions } from './command-io.ts';

export type RunCommand = (
  definition: CommandDefinition,
  options: GlobalOptions,
  input: unknown,
) => Promise<void>;

/** By the words that lead to them. */
const GROUPS: Readonly<Record<string, string>> = {
  access: 'Show who may do what in a tenant, and why.',
  'api-key': 'Create, rotate and withdraw the keys of programs.',
  audit: 'Record, search, prove and erase in the audit log.',
  'audit key': 'Generate the keys that sign checkpoints and close the vault.',
  'credential-key': 'Generate the key that second factors lie under.',
  domain: 'Add and verify the domains whose people may join.',
  invite: 'Invite people, one by one or from a file.',
  key: 'Generate, install, list and revoke context keys.',
  operator: 'Let people in who run the service.',
  policy: "Show, try out and set a tenant's policies.",
  'service-account': 'Create and manage the accounts of programs.',
  session: 'List and revoke sessions.',
  tenant: 'Register and manage tenants.',
  'tenant domain': 'Add and remove the host names that lead to a tenant.',
  user: 'Create, disable and recover the accounts of people.',
};

/** The options every command has; shown in its help, and in the reference once. */
export const globalOptions = [
  { flags: '--json', summary: 'Print one JSON document to stdout.' },
  {
    flags: '--config <path>',
    summary: 'The configuration file; else the nearest bulkhead.config.*.',
  },
  { flags: '--verbose', summary: 'Show details and causes of errors.' },
  { flags: '--no-color', summary: 'No colours; NO_COLOR does the same.' },
] as const;

const GLOBAL_NAMES = new Set(['json', 'config', 'verbose', 'color']);

/** Whoever names no command asks what there is: help on stdout, and no failure. */
class HelpfulCommand extends Command {
  override help(): never {
    return super.help({ error: false });
  }

  override createCommand(name?: string): Command {
    return new HelpfulCommand(name);
  }
}

export function buildProgram(
  version: string,
  definitions: readonly CommandDefinition[],
  run: RunCommand,
  print: (text: string) => void,
): Command {
  const program = prepare(new HelpfulCommand('bulkhead'))
    .configureOutput({ writeOut: print })
    .description('Tenant isolation for SaaS on PostgreSQL.')
    .version(version, '-V, --version', 'Print the version.')
    .helpCommand('help [command]', 'Show help for a command.');
  for (const definition of definitions) {
    const words = definition.name.split(' ');
    const leaf = words.pop() ?? definition.name;
    addCommand(groupFor(program, words), leaf, definition, run);
  }
  return program;
}

function groupFor(program: Command, words: readonly string[]): Command {
  return words.reduce<Command>((parent, word, index) => {
    const present = parent.commands.find((command) => command.name() === word);
    if (present !== undefined) return present;
    const description = GROUPS[words.slice(0, index + 1).join(' ')];
    if (description === undefined) throw new Error(`the group ${word} has no description`);
    return prepare(parent.command(word)).helpCommand(false).description(description);
  }, program);
}

function addCommand(
  parent: Command,
  name: string,
  definition: CommandDefinition,
  run: RunCommand,
): void {
  const command = prepare(parent.command(name)).summary(definition.summary);
  command.description(definition.description ?? definition.summary);
  for (const { name: argument, summary, required, variadic } of definition.arguments) {
    const text = variadic ? `${argument}...` : argument;
    command.addArgument(new Argument(required ? `<${text}>` : `[${text}]`, summary));
  }
  for (const option of definition.options) command.addOption(toOption(option));
  for (const { flags, summary } of globalOptions) command.option(flags, summary);
  command.addHelpText('after', examplesText(definition));
  command.action(async () => {
    const all = command.opts() as Record<string, unknown>;
    const own = Object.entries(all).filter(([key]) => !GLOBAL_NAMES.has(key));
    const given = command.processedArgs as unknown[];
    const args = definition.arguments.flatMap(({ name: key }, index) =>
      given[index] === undefined ? [] : [[camelCase(key), given[index]] as const],
    );
    const input = Object.fromEntries([...own, ...args]);
    checkInput(definition, input);
    await run(definition, readGlobalOptions(all), input);
  });
}

/** Commander would print and exit by itself; here it only ever throws. */
function prepare(command: Command): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError(true)
    .allowExcessArguments(false)
    .configureOutput({ writeErr: () => undefined })
    .helpOption('-h, --help', 'Show this help.');
}

function toOption({ flags, summary, choices, repeatable, ...rest }: OptionDefinition): Option {
  const option = new Option(flags, summary);
  if (choices !== undefined) option.choices(choices);
  if (rest.default !== undefined) option.default(rest.default);
  if (repeatable) {
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}

function checkInput(definition: CommandDefinition, input: unknown): void {
  const result = definition.input.safeParse(input);
  if (result.success) return;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw kernelError('kernel.usage', {
    message: `bulkhead ${definition.name}: ${faults.join('; ')}.`,
  });
}

const globalSchema = z.object({
  json: z.boolean().default(false),
  verbose: z.boolean().default(false),
  color: z.boolean().default(true),
  config: z.string().optional(),
});

function readGlobalOptions(options: unknown): GlobalOptions {
  const { config, ...rest } = globalSchema.parse(options);
  return { ...rest, config };
}

function examplesText({ examples }: CommandDefinition): string {
  if (examples.length === 0) return '';
  const lines = examples.map(({ command, summary }) => `  $ ${command}\n      ${summary}`);
  return `\nExamples:\n${lines.join('\n')}\n`;
}

const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Help and version are no errors; everything else that commander throws is wrong use. */
export function usageError(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  if (error.exitCode === 0) return undefined;
  return kernelError('kernel.usage', {
    message: error.message.replace(/^error: /, '').replaceAll('\n', ' '),
  });
}
