/**
 * All commands, in the order in which help shows them: those of the house, then those of the rooms.
 *
 * Promises: a command that is called by its name is loaded alone, with its neighbours of the same first word; help,
 * and a word that nobody knows, load all of them.
 */
import { capabilities } from '../capabilities.ts';
import type { CommandDefinition, CommandSources } from '../kernel/command.ts';
import { recorded } from './recorded-command.ts';

const sources: CommandSources = {
  init: async () => [(await import('./commands/init.ts')).init],
  migrate: async () => [(await import('./commands/migrate.ts')).migrateCommand],
  ...Object.assign({}, ...capabilities.map(({ commands }) => commands)),
  work: async () => [(await import('./commands/work.ts')).workCommand],
  doctor: async () => [(await import('./commands/doctor.ts')).doctor],
  explain: async () => [(await import('./commands/explain.ts')).explain],
};

export async function loadCommands(): Promise<readonly CommandDefinition[]> {
  const loaded = await Promise.all(Object.values(sources).map((load) => load()));
  return loaded.flat().map(recorded);
}

/** Those that the words of a call may mean. */
export async function loadCommandsFor(
  words: readonly string[],
): Promise<readonly CommandDefinition[]> {
  const [first = ''] = words;
  const load = Object.hasOwn(sources, first) ? sources[first] : undefined;
  return load === undefined ? loadCommands() : (await load()).map(recorded);
}
