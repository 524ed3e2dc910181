import type { Capability } from '../kernel/capability.ts';
import { isolationErrors } from './errors.ts';

/** What the isolation room brings. */
export const isolation: Capability = {
  name: 'isolation',
  migrations: new URL('./migrations/', import.meta.url),
  errors: isolationErrors,
  commands: {
    key: async () => (await import('./commands/key-commands.ts')).keyCommands,
    protect: async () => [(await import('./protect/protect-command.ts')).protectCommand],
    prove: async () => [(await import('./prove/prove-command.ts')).proveCommand],
    attack: async () => [(await import('./attack/command.ts')).attackCommand],
  },
  afterMigrate: async (client, target) =>
    (await import('./privileges.ts')).applyPrivileges(client, target),
  diagnose: async (client, target) =>
    (await import('./diagnose.ts')).diagnoseIsolation(client, target),
};
