import type { Capability } from '../kernel/capability.ts';
import { auditErrors } from './errors.ts';
import { applyAuditGrants } from './grants.ts';

/** What the audit room brings. */
export const audit: Capability = {
  name: 'audit',
  migrations: new URL('./migrations/', import.meta.url),
  errors: auditErrors,
  afterMigrate: applyAuditGrants,
};
