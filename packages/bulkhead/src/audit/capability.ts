import type { Capability } from '../kernel/capability.ts';
import { auditErrors } from './errors.ts';

/** What the audit room brings. */
export const audit: Capability = {
  name: 'audit',
  migrations: new URL('./migrations/', import.meta.url),
  errors: auditErrors,
  commands: {
    audit: async () => (await import('./commands/audit-commands.ts')).auditCommands,
  },
  afterMigrate: async (client, target) =>
    (await import('./grants.ts')).applyAuditGrants(client, target),
};
