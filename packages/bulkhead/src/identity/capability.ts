import type { Capability } from '../kernel/capability.ts';
import { identityErrors } from './errors.ts';

/** What the identity room brings. */
export const identity: Capability = {
  name: 'identity',
  migrations: new URL('./migrations/', import.meta.url),
  errors: identityErrors,
  commands: {
    tenant: async () => (await import('./tenant-commands.ts')).tenantCommands,
    user: async () => (await import('./commands/user-commands.ts')).userCommands,
    'credential-key': async () =>
      (await import('./commands/credential-key-command.ts')).credentialKeyCommands,
    'service-account': async () =>
      (await import('./commands/api-key-commands.ts')).serviceAccountCommands,
    'api-key': async () => (await import('./commands/api-key-commands.ts')).apiKeyCommands,
    session: async () => (await import('./commands/session-commands.ts')).sessionCommands,
    invite: async () => (await import('./invitations/commands.ts')).invitationCommands,
    domain: async () => (await import('./domains/commands.ts')).domainCommands,
  },
  diagnose: async (client, target) =>
    (await import('./diagnose.ts')).diagnoseAccounts(client, target),
  afterMigrate: async (client, target) =>
    (await import('./grants.ts')).applyIdentityGrants(client, target),
};
