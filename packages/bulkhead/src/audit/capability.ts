import type { Capability } from '../kernel/capability.ts';
import { auditRun } from './commands/run.ts';
import { auditErrors } from './errors.ts';
import { applyAuditGrants } from './grants.ts';
import { trackCommand, trackedCommand, untrackCommand } from './track/track-command.ts';

/** What the audit room brings. */
export const audit: Capability = {
  name: 'audit',
  migrations: new URL('./migrations/', import.meta.url),
  errors: auditErrors,
  commands: [auditRun, trackCommand, untrackCommand, trackedCommand],
  afterMigrate: applyAuditGrants,
};
