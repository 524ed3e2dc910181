import type { Capability } from '../kernel/capability.ts';
import { attackCommand } from './attack/command.ts';
import { keyGenerate } from './commands/key-generate.ts';
import { keyInstall } from './commands/key-install.ts';
import { keyList } from './commands/key-list.ts';
import { keyRevoke } from './commands/key-revoke.ts';
import { diagnoseIsolation } from './diagnose.ts';
import { isolationErrors } from './errors.ts';
import { applyPrivileges } from './privileges.ts';
import { protectCommand } from './protect/protect-command.ts';
import { proveCommand } from './prove/prove-command.ts';

/** What the isolation room brings. */
export const isolation: Capability = {
  name: 'isolation',
  migrations: new URL('./migrations/', import.meta.url),
  errors: isolationErrors,
  commands: [
    keyGenerate,
    keyInstall,
    keyList,
    keyRevoke,
    protectCommand,
    proveCommand,
    attackCommand,
  ],
  afterMigrate: applyPrivileges,
  diagnose: diagnoseIsolation,
};
