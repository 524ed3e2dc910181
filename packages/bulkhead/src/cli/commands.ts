/**
 * All commands, in the order in which help shows them: those of the house, then those of the rooms.
 *
 * Promises: a command that is called by its name is loaded alone, with its neighbours of the same first word; help,
 * and a word that nobody knows, load all of them.
 */
import { capabilities } from '../capabilities.ts';
import type { CommandDefinition, CommandSources } from '../kernel/command.ts';
import { recorded } from './recorded-command.ts';

const sources = gatherCommands([
  {
    init: async () => [(await import('./commands/init.ts')).init],
    migrate: async () => [(await import('./commands/migrate.ts')).migrateCommand],
  },
  ...capabilities.map(({ commands = {} }) => commands),
  {
    work: async () => [(await import('./commands/work.ts')).workCommand],
    doctor: async () => [(await import('./commands/doctor.ts')).doctor],
    explain: async () => [(await import('./commands/explain.ts')).explain],
  },
]);

/** @throws for a first word that two claim: a fault of ours, found by the first call, where one would silently lose it. */
export function gatherCommands(parts: readonly CommandSources[]): CommandSources {
  const entries = parts.flatMap((part) => Object.entries(part));
  const words = new Set<string>();
  for (const [word] of entries) {
    if (words.has(word)) throw new Error(`two claim the command ${word}`);
    words.add(word);
  }
  return Object.fromEntries(entries);
}

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
