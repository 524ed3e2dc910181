/** All commands, in the order in which help shows them: those of the house, then those of the rooms. */
import { capabilities } from '../capabilities.ts';
import type { CommandDefinition } from '../kernel/command.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { init } from './commands/init.ts';
import { migrateCommand } from './commands/migrate.ts';
import { workCommand } from './commands/work.ts';
import { recorded } from './recorded-command.ts';

export const commands: readonly CommandDefinition[] = [
  init,
  migrateCommand,
  ...capabilities.flatMap((capability) => capability.commands ?? []).map(recorded),
  workCommand,
  doctor,
  explain,
];
