/**
 * Commands of rooms below the audit room, which cannot record what they do themselves.
 *
 * Promises: what such a command has done is in the operators' log once it returns. It is recorded after it is
 * done, not with it: `protect` takes many transactions.
 */
import { type CommandDefinition, exitCodes } from '../kernel/command.ts';

interface ProtectInput {
  readonly tables: readonly string[];
  readonly apply?: boolean;
  readonly prepare?: boolean;
  readonly dryRun?: boolean;
}

/** The command, recorded where it is one that changes configuration. */
export function recorded(command: CommandDefinition): CommandDefinition {
  if (command.name !== 'protect') return command;
  return {
    ...command,
    run: async (io, input) => {
      const code = await command.run(io, input);
      // The command has checked it.
      const { tables, apply, prepare, dryRun } = input as ProtectInput;
      if (code !== exitCodes.done || !apply || prepare || dryRun) return code;
      const { adminActor, OPERATORS_LOG, recordAsAdmin } = await import('../audit/index.ts');
      const { withAdminClient } = await import('../kernel/migrations/index.ts');
      await withAdminClient(io, (client) =>
        recordAsAdmin(client, OPERATORS_LOG, adminActor(), {
          action: 'table.protected',
          // One event has room for so many.
          targets: tables.slice(0, 32).map((id) => ({ type: 'table', id: id.slice(0, 256) })),
        }),
      );
      return code;
    },
  };
}
