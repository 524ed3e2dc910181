import type { Capability } from '../kernel/capability.ts';
import { apiKeyCommands, serviceAccountCommands } from './commands/api-key-commands.ts';
import { credentialKeyCommands } from './commands/credential-key-command.ts';
import { sessionCommands } from './commands/session-commands.ts';
import { userCommands } from './commands/user-commands.ts';
import { diagnoseAccounts } from './diagnose.ts';
import { domainCommands } from './domains/commands.ts';
import { identityErrors } from './errors.ts';
import { applyIdentityGrants } from './grants.ts';
import { invitationCommands } from './invitations/commands.ts';
import { tenantCommands } from './tenant-commands.ts';

/** What the identity room brings. */
export const identity: Capability = {
  name: 'identity',
  migrations: new URL('./migrations/', import.meta.url),
  errors: identityErrors,
  commands: [
    ...tenantCommands,
    ...userCommands,
    ...credentialKeyCommands,
    ...serviceAccountCommands,
    ...apiKeyCommands,
    ...sessionCommands,
    ...invitationCommands,
    ...domainCommands,
  ],
  diagnose: diagnoseAccounts,
  afterMigrate: applyIdentityGrants,
};
