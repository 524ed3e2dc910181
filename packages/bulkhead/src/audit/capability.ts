import type { Capability } from '../kernel/capability.ts';
import { auditErase } from './commands/erase.ts';
import { auditExport } from './commands/export.ts';
import { auditKeyGenerate } from './commands/key-generate.ts';
import { auditProof } from './commands/proof.ts';
import { auditRun } from './commands/run.ts';
import { auditSearch } from './commands/search.ts';
import { auditVerify } from './commands/verify.ts';
import { auditErrors } from './errors.ts';
import { applyAuditGrants } from './grants.ts';
import { trackCommand, trackedCommand, untrackCommand } from './track/track-command.ts';

/** What the audit room brings. */
export const audit: Capability = {
  name: 'audit',
  migrations: new URL('./migrations/', import.meta.url),
  errors: auditErrors,
  commands: [
    auditRun,
    auditSearch,
    auditVerify,
    auditExport,
    auditProof,
    auditKeyGenerate,
    trackCommand,
    untrackCommand,
    trackedCommand,
    auditErase,
  ],
  afterMigrate: applyAuditGrants,
};
